// What a Deployment does to its ReplicaSets: make one for a new template, size them, number them by revision, and delete
// those that no rollback will want.

import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { nameOf } from "@atoll/machinery/client/client";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import { controllerOf, controllerReference } from "@atoll/machinery/controller/ownership-references";
import { hasReason } from "@atoll/machinery/object/api-error";
import {
  DESIRED_ANNOTATION,
  MAX_ANNOTATION,
  boundsOf,
  newReplicaSetSize,
  replicasOf,
} from "./deployment-arithmetic.ts";
import { TEMPLATE_HASH_LABEL, canonicalTemplate, templateHash } from "./deployment-template.ts";

const REVISION_ANNOTATION = "deployment.kubernetes.io/revision";
const HISTORY_ANNOTATION = "deployment.kubernetes.io/revision-history";
/** Upstream keeps the revisions a ReplicaSet had in at most this many characters. */
const HISTORY_CHARACTERS_MAX = 2000;
const REVISION_HISTORY_DEFAULT = 10;

/** A Deployment's annotations go to its ReplicaSets, but for those that speak of one object only. */
const NOT_COPIED = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION_ANNOTATION,
  HISTORY_ANNOTATION,
  DESIRED_ANNOTATION,
  MAX_ANNOTATION,
]);

export interface Rollout {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  /** Oldest first. */
  readonly oldSets: readonly ReplicaSet[];
  readonly context: ReconcileContext;
}

/** Makes the ReplicaSet of the present template; "collision" when its name belongs to another template. */
export async function createNewReplicaSet(rollout: Rollout): Promise<ReplicaSet | "collision"> {
  const { deployment, oldSets, context } = rollout;
  const { client, events, signal } = context;
  const { template, selector, minReadySeconds, strategy } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount ?? 0);
  const hashLabel = { [TEMPLATE_HASH_LABEL]: hash };
  const replicas = newReplicaSetSize(boundsOf(deployment), strategy?.type !== "Recreate", 0, oldSets);
  const labelled = {
    ...template,
    metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...hashLabel } },
  };
  const revision = String(newestRevision(oldSets) + 1);
  const wanted: ReplicaSet = {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels: labelled.metadata.labels,
      annotations: {
        ...copiedAnnotations(deployment),
        ...sizeAnnotations(deployment),
        [REVISION_ANNOTATION]: revision,
      },
      ownerReferences: [controllerReference(Deployment, deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...hashLabel } },
      template: labelled,
    },
  };
  let created: ReplicaSet;
  try {
    created = await client.create(ReplicaSet, wanted, { signal });
  } catch (thrown) {
    if (!hasReason(thrown, "AlreadyExists")) throw thrown;
    const existing = await client.get(ReplicaSet, nameOf(wanted), { signal });
    const isOurs =
      controllerOf(existing)?.uid === deployment.metadata.uid &&
      existing.spec.template !== undefined &&
      canonicalTemplate(existing.spec.template) === canonicalTemplate(template);
    return isOurs ? existing : "collision";
  }
  const name = created.metadata.name ?? "";
  if (replicas > 0) {
    const message = `Scaled up replica set ${name} from 0 to ${replicas}`;
    events.record(deployment, { type: "Normal", reason: "ScalingReplicaSet", message });
  }
  await numberDeployment(rollout, revision);
  return created;
}

/** Sets the size; true when it was another. Also brings the annotations that scaling is found by up to date. */
export async function resize({ deployment, context }: Rollout, set: ReplicaSet, replicas: number): Promise<boolean> {
  const { client, events, signal } = context;
  const size = replicasOf(set);
  const annotations = sizeAnnotations(deployment);
  const isAnnotated = Object.entries(annotations).every(([name, value]) => set.metadata.annotations?.[name] === value);
  if (size === replicas && (isAnnotated || size === 0)) return false;
  const { uid, resourceVersion } = set.metadata;
  const body = { metadata: { uid, resourceVersion, annotations }, spec: { replicas } };
  await client.patch(ReplicaSet, nameOf(set), { type: "merge", body }, { signal });
  if (size === replicas) return true;
  const message = `Scaled ${size < replicas ? "up" : "down"} replica set ${set.metadata.name} from ${size} to ${replicas}`;
  events.record(deployment, { type: "Normal", reason: "ScalingReplicaSet", message });
  return true;
}

/**
 * The new ReplicaSet has the highest revision; one that comes back by a rollback remembers its old numbers. True when the
 * ReplicaSet was changed.
 */
export async function keepRevision(rollout: Rollout, newSet: ReplicaSet): Promise<boolean> {
  const { deployment, oldSets, context } = rollout;
  const own = revisionOf(newSet);
  const revision = Math.max(own, newestRevision(oldSets) + 1);
  const former = newSet.metadata.annotations ?? {};
  const annotations: Record<string, string> = {
    ...copiedAnnotations(deployment),
    [REVISION_ANNOTATION]: String(revision),
  };
  if (revision !== own && own > 0) {
    const history = [former[HISTORY_ANNOTATION], String(own)].filter(Boolean).join(",");
    annotations[HISTORY_ANNOTATION] = history
      .slice(-HISTORY_CHARACTERS_MAX)
      .replace(/^\d*,/, (cut) => (history.length > HISTORY_CHARACTERS_MAX ? "" : cut));
  }
  const { minReadySeconds } = deployment.spec;
  const isCurrent =
    Object.entries(annotations).every(([name, value]) => former[name] === value) &&
    (newSet.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
  if (!isCurrent) {
    const { uid } = newSet.metadata;
    const body = { metadata: { uid, annotations }, spec: { minReadySeconds: minReadySeconds ?? 0 } };
    await context.client.patch(ReplicaSet, nameOf(newSet), { type: "merge", body }, { signal: context.signal });
  }
  await numberDeployment(rollout, String(revision));
  return !isCurrent;
}

async function numberDeployment({ deployment, context }: Rollout, revision: string): Promise<void> {
  if (deployment.metadata.annotations?.[REVISION_ANNOTATION] === revision) return;
  const body = { metadata: { uid: deployment.metadata.uid, annotations: { [REVISION_ANNOTATION]: revision } } };
  await context.client.patch(Deployment, nameOf(deployment), { type: "merge", body }, { signal: context.signal });
}

/** Deletes the oldest empty ReplicaSets beyond the history limit. */
export async function deleteOldRevisions({ deployment, oldSets, context }: Rollout): Promise<void> {
  const limit = deployment.spec.revisionHistoryLimit ?? REVISION_HISTORY_DEFAULT;
  const kept = oldSets.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = kept.length - limit;
  if (surplus <= 0) return;
  for (const set of kept.toSorted((left, right) => revisionOf(left) - revisionOf(right)).slice(0, surplus)) {
    const isEmpty = (set.status?.replicas ?? 0) === 0 && replicasOf(set) === 0;
    const isObserved = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
    if (!isEmpty || !isObserved) continue;
    const { uid = "" } = set.metadata;
    try {
      await context.client.delete(ReplicaSet, nameOf(set), { preconditions: { uid }, signal: context.signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
  }
}

function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const { desired, surge } = boundsOf(deployment);
  return { [DESIRED_ANNOTATION]: String(desired), [MAX_ANNOTATION]: String(desired + surge) };
}

function copiedAnnotations(deployment: Deployment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name)),
  );
}

function newestRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map(revisionOf));
}

function revisionOf(set: ReplicaSet): number {
  const text = set.metadata.annotations?.[REVISION_ANNOTATION] ?? "0";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
