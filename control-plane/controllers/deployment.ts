// Brings a Deployment's pods from one template to the next by sizing ReplicaSets, one per template. It makes, sizes and
// deletes ReplicaSets and never touches a pod.

import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import { describeError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import { type CacheReader, defineController } from "@atoll/machinery/controller/controller";
import { controllerOf, refersTo } from "@atoll/machinery/controller/ownership-references";
import { isPodFinished } from "@atoll/machinery/controller/pod-state";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";
import { claimDependents } from "./claim-dependents.ts";
import {
  type Sizes,
  boundsOf,
  isScaled,
  newReplicaSetSize,
  replicasOf,
  shareOut,
  shrinkOld,
} from "./deployment-arithmetic.ts";
import {
  type Rollout,
  createNewReplicaSet,
  deleteOldRevisions,
  keepRevision,
  resize,
} from "./deployment-replica-sets.ts";
import { deploymentStatus, isComplete, progressDeadlineAtMs } from "./deployment-status.ts";
import { findNewReplicaSet, newReplicaSetName, oldestFirst } from "./deployment-template.ts";

export const deployment = defineController({
  name: "deployment",
  watches: [
    { resource: Deployment },
    { resource: ReplicaSet, keysOf: deploymentsOf },
    { resource: Pod, keysOf: recreatedDeploymentsOf },
  ],
  owns: ["ReplicaSet", "ReplicaSet.spec", "Deployment.status", "Deployment.metadata.annotations"],
  async reconcile(key, context) {
    const { client, cache, events, signal, clock } = context;
    const current = cache.of(Deployment).get(key);
    if (!current) return;
    const { matchLabels = {}, matchExpressions = [] } = current.spec.selector;
    if (Object.keys(matchLabels).length + matchExpressions.length === 0) {
      const message = "This deployment is selecting all pods. A non-empty selector is required.";
      events.record(current, { type: "Warning", reason: "SelectingAll", message });
      return;
    }
    const sets = await claimDependents({
      client,
      owner: current,
      ownerResource: Deployment,
      selector: current.spec.selector,
      dependentResource: ReplicaSet,
      dependents: cache.of(ReplicaSet),
      isAdoptable: () => true,
      signal,
    });
    const newSet = findNewReplicaSet(current, sets);
    const rollout: Rollout = {
      deployment: current,
      newSet,
      oldSets: oldestFirst(sets.filter((set) => set !== newSet)),
      context,
    };
    if (current.metadata.deletionTimestamp !== undefined) await writeStatus(rollout, {});
    else await advance(rollout);
    const progressing = current.status?.conditions?.find(({ type }) => type === "Progressing");
    const deadlineMs = progressDeadlineAtMs(current, progressing);
    // A second later than the deadline, as times in the API are whole seconds.
    return deadlineMs === undefined || deadlineMs <= clock.now()
      ? undefined
      : { requeueAfterMs: deadlineMs - clock.now() + 1000 };
  },
});

function deploymentsOf(set: ReplicaSet, cache: CacheReader) {
  const owner = controllerOf(set);
  const { namespace } = set.metadata;
  if (owner) return refersTo(owner, Deployment) ? [{ name: owner.name, namespace }] : [];
  return cache
    .of(Deployment)
    .list(namespace)
    .filter((candidate) => selectsLabels(candidate.spec.selector, set.metadata.labels))
    .map(nameOf);
}

/** Only Recreate waits for pods themselves: for the last old one to be gone. */
function recreatedDeploymentsOf(pod: Pod, cache: CacheReader) {
  const owner = controllerOf(pod);
  if (!owner || !refersTo(owner, ReplicaSet)) return [];
  const set = cache.of(ReplicaSet).get({ name: owner.name, namespace: pod.metadata.namespace });
  const root = set && controllerOf(set);
  if (!root || !refersTo(root, Deployment)) return [];
  const name = { name: root.name, namespace: pod.metadata.namespace };
  return cache.of(Deployment).get(name)?.spec.strategy?.type === "Recreate" ? [name] : [];
}

/** One step, then the status; the changes it made wake the key for the next step. */
async function advance(rollout: Rollout): Promise<void> {
  const { deployment, newSet, oldSets } = rollout;
  const sets = newSet ? [...oldSets, newSet] : oldSets;
  // What comes next compares with the ReplicaSet as it is then; its change wakes the key.
  if (newSet && (await keepRevision(rollout, newSet))) {
    await writeStatus(rollout, {});
    return;
  }
  if (deployment.spec.paused || isScaled(deployment, sets)) {
    await resizeAll(rollout, scaledSizes(rollout));
    if (deployment.spec.paused) await deleteOldRevisions(rollout);
    await writeStatus(rollout, {});
    return;
  }
  const isRecreate = deployment.spec.strategy?.type === "Recreate";
  if (isRecreate && (await clearOld(rollout))) {
    await writeStatus(rollout, {});
    return;
  }
  if (!newSet) {
    await createAndReport(rollout);
    return;
  }
  const bounds = boundsOf(deployment);
  const size = replicasOf(newSet);
  const wanted = size > bounds.desired ? bounds.desired : newReplicaSetSize(bounds, !isRecreate, size, sets);
  if (await resize(rollout, newSet, wanted)) {
    await writeStatus(rollout, {});
    return;
  }
  if (!isRecreate && (await resizeAll(rollout, shrinkOld(bounds, oldSets, newSet)))) {
    await writeStatus(rollout, {});
    return;
  }
  await writeStatus(rollout, {});
  if (isComplete(deployment, deployment.status ?? {})) await deleteOldRevisions(rollout);
}

async function createAndReport(rollout: Rollout): Promise<void> {
  try {
    const created = await createNewReplicaSet(rollout);
    if (created === "collision") await writeStatus(rollout, { hasCollided: true });
    else await writeStatus({ ...rollout, newSet: created }, { hasCreated: true });
  } catch (thrown) {
    // Nothing more can be made there, and the Deployment goes, too.
    if (isNamespaceTerminating(thrown)) return;
    if (!hasReason(thrown, "Conflict")) await tellCreateFailure(rollout, thrown);
    throw thrown;
  }
}

async function tellCreateFailure(rollout: Rollout, thrown: unknown): Promise<void> {
  const { deployment, context } = rollout;
  const message = `Failed to create new replica set "${newReplicaSetName(deployment)}": ${describeError(thrown)}`;
  await writeStatus(rollout, { createFailure: message });
  context.events.record(deployment, { type: "Warning", reason: "ReplicaSetCreateError", message });
}

/** Sizes after the Deployment was scaled, or while it is paused, when nothing else may change. */
function scaledSizes({ deployment, newSet, oldSets }: Rollout): Sizes {
  const bounds = boundsOf(deployment);
  const active = [...oldSets, ...(newSet ? [newSet] : [])].filter((set) => replicasOf(set) > 0);
  const [only] = active.length > 0 ? active : newSet ? [newSet] : oldSets.slice(-1);
  if (active.length <= 1) return only ? new Map([[only, bounds.desired]]) : new Map();
  const isSaturated =
    newSet !== undefined &&
    replicasOf(newSet) === bounds.desired &&
    (newSet.status?.availableReplicas ?? 0) === bounds.desired;
  if (isSaturated) return new Map(oldSets.map((set) => [set, 0]));
  if (deployment.spec.strategy?.type === "Recreate") return new Map();
  return shareOut(deployment, bounds, active);
}

async function resizeAll(rollout: Rollout, sizes: Sizes): Promise<boolean> {
  let hasChanged = false;
  for (const [set, size] of sizes) hasChanged = (await resize(rollout, set, size)) || hasChanged;
  return hasChanged;
}

/** Recreate: true while pods of an older template are still there or on their way out. */
async function clearOld(rollout: Rollout): Promise<boolean> {
  const hasShrunk = await resizeAll(rollout, new Map(rollout.oldSets.map((set) => [set, 0])));
  const pods = rollout.context.cache.of(Pod);
  return (
    hasShrunk || rollout.oldSets.some((set) => pods.ownedBy(set.metadata.uid ?? "").some((pod) => !isPodFinished(pod)))
  );
}

async function writeStatus(
  { deployment, newSet, oldSets, context }: Rollout,
  outcome: { readonly hasCollided?: boolean; readonly hasCreated?: boolean; readonly createFailure?: string },
): Promise<void> {
  const status = deploymentStatus({ deployment, newSet, oldSets, nowMs: context.clock.now(), ...outcome });
  if (isSame(deployment.status, status)) return;
  // A patch, as the annotations may have been written a moment ago; nobody else writes the status.
  const body = { metadata: { uid: deployment.metadata.uid }, status };
  const options = { subresource: "status", signal: context.signal };
  await context.client.patch(Deployment, nameOf(deployment), { type: "merge", body }, options);
}

/** Counts that are 0 and lists that are empty may be absent from what the API gave. */
function isSame(left: Deployment["status"], right: Deployment["status"]): boolean {
  const essence = (status: Deployment["status"]) =>
    JSON.stringify(
      Object.entries(status ?? {})
        .filter(([, value]) => value !== 0 && !(Array.isArray(value) && value.length === 0))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
      (_key, value) =>
        typeof value === "object" && value !== null && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
          : value,
    );
  return (
    left !== undefined && left.observedGeneration === right?.observedGeneration && essence(left) === essence(right)
  );
}
