// Keeps as many pods of a template as a ReplicaSet asks for. It never changes a pod it has made, but for its owner.

import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import { formatTime } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import { type CacheReader, type ReconcileContext, defineController } from "@atoll/machinery/controller/controller";
import { controllerOf, controllerReference, refersTo } from "@atoll/machinery/controller/ownership-references";
import { isPodActive, isPodFinished, isPodReady, podAvailableAtMs } from "@atoll/machinery/controller/pod-state";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";
import { claimDependents } from "./claim-dependents.ts";
import { withCondition, withoutCondition } from "./condition.ts";
import { inDeletionOrder } from "./pod-deletion-order.ts";
import { slowStart } from "./slow-start.ts";

/** Pods made or deleted in one pass; upstream's number. The next pass goes on when the cache has seen them. */
const BURST_PODS = 500;

export const replicaSet = defineController({
  name: "replicaset",
  watches: [{ resource: ReplicaSet }, { resource: Pod, keysOf: replicaSetsOf }],
  owns: ["Pod", "ReplicaSet.status"],
  async reconcile(key, context) {
    const { client, cache, clock, signal } = context;
    const set = cache.of(ReplicaSet).get(key);
    if (!set) return;
    const pods = await claimDependents({
      client,
      owner: set,
      ownerResource: ReplicaSet,
      selector: set.spec.selector,
      dependentResource: Pod,
      dependents: cache.of(Pod),
      isAdoptable: (pod) => !isPodFinished(pod),
      signal,
    });
    const active = pods.filter(isPodActive);
    const failure = set.metadata.deletionTimestamp === undefined ? await scale(set, active, context) : undefined;
    await writeStatus(set, pods, active, failure, context);
    if (failure) throw failure.error;
    return nextAvailability(active, set.spec.minReadySeconds ?? 0, clock.now());
  },
});

function replicaSetsOf(pod: Pod, cache: CacheReader) {
  const owner = controllerOf(pod);
  const { namespace } = pod.metadata;
  if (owner) return refersTo(owner, ReplicaSet) ? [{ name: owner.name, namespace }] : [];
  if (!isPodActive(pod)) return [];
  return cache
    .of(ReplicaSet)
    .list(namespace)
    .filter((set) => selectsLabels(set.spec.selector, pod.metadata.labels))
    .map(nameOf);
}

interface Failure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly error: unknown;
}

async function scale(set: ReplicaSet, active: readonly Pod[], context: ReconcileContext): Promise<Failure | undefined> {
  const missing = (set.spec.replicas ?? 1) - active.length;
  if (missing > 0) return createPods(set, Math.min(missing, BURST_PODS), context);
  if (missing < 0) return deletePods(set, active, Math.min(-missing, BURST_PODS), context);
  return undefined;
}

async function createPods(
  set: ReplicaSet,
  count: number,
  { client, events, signal }: ReconcileContext,
): Promise<Failure | undefined> {
  const { failure } = await slowStart(count, async () => {
    const pod = await client.create(Pod, podFromTemplate(set), { signal });
    events.record(set, { type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${pod.metadata.name}` });
  });
  if (failure === undefined || isNamespaceTerminating(failure)) return undefined;
  events.record(set, { type: "Warning", reason: "FailedCreate", message: `Error creating: ${describeError(failure)}` });
  return { reason: "FailedCreate", error: failure };
}

function podFromTemplate(set: ReplicaSet): Pod {
  const template = set.spec.template;
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    metadata: {
      generateName: `${set.metadata.name}-`,
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(ReplicaSet, set)],
    },
    spec: template?.spec ?? { containers: [] },
  };
}

async function deletePods(
  set: ReplicaSet,
  active: readonly Pod[],
  count: number,
  { client, cache, events, signal }: ReconcileContext,
): Promise<Failure | undefined> {
  const siblings = siblingCounts(set, cache);
  const doomed = inDeletionOrder(active, (hostName) => siblings.get(hostName) ?? 0).slice(0, count);
  const results = await Promise.allSettled(
    doomed.map(async (pod) => {
      const uid = pod.metadata.uid ?? "";
      await client.delete(Pod, nameOf(pod), { preconditions: { uid }, signal });
      events.record(set, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${pod.metadata.name}` });
    }),
  );
  const failed = results.find((result) => result.status === "rejected" && !hasReason(result.reason, "NotFound"));
  if (failed?.status !== "rejected") return undefined;
  const message = `Error deleting: ${describeError(failed.reason)}`;
  events.record(set, { type: "Warning", reason: "FailedDelete", message });
  return { reason: "FailedDelete", error: failed.reason };
}

/** Active pods per host of this set and of the other sets of its Deployment. */
function siblingCounts(set: ReplicaSet, cache: CacheReader): Map<string, number> {
  const owner = controllerOf(set);
  const sets = owner ? cache.of(ReplicaSet).ownedBy(owner.uid) : [set];
  const counts = new Map<string, number>();
  for (const { metadata } of sets) {
    for (const pod of cache.of(Pod).ownedBy(metadata.uid ?? "")) {
      const { nodeName } = pod.spec;
      if (nodeName && isPodActive(pod)) counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
    }
  }
  return counts;
}

async function writeStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  active: readonly Pod[],
  failure: Failure | undefined,
  { client, clock, signal }: ReconcileContext,
): Promise<void> {
  const nowMs = clock.now();
  const templateLabels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const isAvailable = (pod: Pod) => (podAvailableAtMs(pod, minReadySeconds) ?? Number.POSITIVE_INFINITY) <= nowMs;
  const conditions = failure
    ? withCondition(
        set.status?.conditions,
        { type: "ReplicaFailure", status: "True", reason: failure.reason, message: describeError(failure.error) },
        formatTime(nowMs),
      )
    : withoutCondition(set.status?.conditions, "ReplicaFailure");
  const status = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) =>
      templateLabels.every(([name, value]) => metadata.labels?.[name] === value),
    ).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter(isAvailable).length,
    terminatingReplicas: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isPodFinished(pod))
      .length,
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
  if (isSameStatus(set.status, status)) return;
  await client.update(ReplicaSet, { ...set, status }, { subresource: "status", signal });
}

/** Counts that are 0 may be absent from what the API gave. */
function isSameStatus(old: ReplicaSet["status"], next: NonNullable<ReplicaSet["status"]>): boolean {
  return (
    old !== undefined &&
    old.replicas === next.replicas &&
    (old.fullyLabeledReplicas ?? 0) === next.fullyLabeledReplicas &&
    (old.readyReplicas ?? 0) === next.readyReplicas &&
    (old.availableReplicas ?? 0) === next.availableReplicas &&
    (old.terminatingReplicas ?? 0) === next.terminatingReplicas &&
    old.observedGeneration === next.observedGeneration &&
    JSON.stringify(old.conditions ?? []) === JSON.stringify(next.conditions ?? [])
  );
}

function nextAvailability(active: readonly Pod[], minReadySeconds: number, nowMs: number) {
  const times = active
    .map((pod) => podAvailableAtMs(pod, minReadySeconds))
    .filter((time) => time !== undefined)
    .filter((time) => time > nowMs);
  return times.length === 0 ? undefined : { requeueAfterMs: Math.min(...times) - nowMs };
}
