// Keeps as many pods of a template as their owner asks for: all that ReplicaSets and ReplicationControllers do. It never
// changes a pod it has made, but for its owner.

import { Pod } from "@atoll/api/core/pod/kind";
import type { PodTemplateSpec } from "@atoll/api/generated/types";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import type { LabelSelector } from "@atoll/api/meta/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { controllerOf, refersTo } from "@atoll/machinery/controller/ownership-references";
import { isPodActive, isPodFinished, isPodReady, podAvailableAtMs } from "@atoll/machinery/controller/pod-state";
import { isNamespaceTerminating } from "@atoll/machinery/object/api-error";
import { claimDependents } from "./claim-dependents.ts";
import { type Condition, withCondition, withoutCondition } from "./condition.ts";
import { inDeletionOrder } from "./pod-deletion-order.ts";
import { BURST_PODS, createPod, deletePod, podFromTemplate } from "./pod-writes.ts";
import { slowStart } from "./slow-start.ts";

/**
 * A pass looks at all pods of its owner: a thousand pods that become ready one by one are otherwise a thousand passes over a
 * thousand pods, and as many writes of the status.
 */
const GATHER_MS = 10;

/** What the kinds with replicas have in common, but for their selectors. */
export interface ReplicatedOwner extends KubeObject {
  spec: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec };
  status?: ReplicationStatus;
}

export interface ReplicationStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: Condition[];
}

/** One kind with replicas. */
export interface PodReplication<Owner extends ReplicatedOwner> {
  readonly name: string;
  readonly resource: Resource<Owner>;
  readonly selectorOf: (owner: Owner) => LabelSelector | undefined;
  /** Owners of the same workload, this one too: pods of a host that has many of them go first. */
  readonly siblingsOf: (owner: Owner, cache: CacheReader) => readonly KubeObject[];
  /** Whether the kind's status says how many pods are on their way out. */
  readonly countsTerminating: boolean;
}

export function podReplicationController<Owner extends ReplicatedOwner>(
  replication: PodReplication<Owner>,
): ControllerDefinition {
  const { name, resource } = replication;
  const ownersOf = (pod: Pod, cache: CacheReader) => ownersOfPod(replication, pod, cache);
  return defineController({
    name,
    watches: [{ resource }, { resource: Pod, keysOf: ownersOf, gatherMs: GATHER_MS }],
    owns: [`Pod of a ${resource.kind}`, `${resource.kind}.status`],
    async reconcile(key, context) {
      const owner = context.cache.of(resource).get(key);
      if (!owner) return;
      const pods = await claimDependents({
        client: context.client,
        owner,
        ownerResource: resource,
        selector: replication.selectorOf(owner),
        dependentResource: Pod,
        dependents: context.cache.of(Pod),
        isAdoptable: (pod) => !isPodFinished(pod),
        signal: context.signal,
      });
      const active = pods.filter(isPodActive);
      const isLeaving = owner.metadata.deletionTimestamp !== undefined;
      const failure = isLeaving ? undefined : await scale(replication, owner, active, context);
      await writeStatus(replication, owner, { pods, active, failure }, context);
      if (failure) throw failure.error;
      return nextAvailability(active, owner.spec.minReadySeconds ?? 0, context.clock.now());
    },
  });
}

function ownersOfPod<Owner extends ReplicatedOwner>(
  { resource, selectorOf }: PodReplication<Owner>,
  pod: Pod,
  cache: CacheReader,
) {
  const controller = controllerOf(pod);
  const { namespace } = pod.metadata;
  if (controller) return refersTo(controller, resource) ? [{ name: controller.name, namespace }] : [];
  if (!isPodActive(pod)) return [];
  return cache
    .of(resource)
    .list(namespace)
    .filter((owner) => selectsLabels(selectorOf(owner), pod.metadata.labels))
    .map(nameOf);
}

interface Failure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly error: unknown;
}

async function scale<Owner extends ReplicatedOwner>(
  replication: PodReplication<Owner>,
  owner: Owner,
  active: readonly Pod[],
  context: ReconcileContext,
): Promise<Failure | undefined> {
  const missing = (owner.spec.replicas ?? 1) - active.length;
  if (missing > 0) {
    const pod = podFromTemplate(replication.resource, owner, owner.spec.template);
    const make = async () => {
      await createPod(owner, pod, context);
    };
    const { failure } = await slowStart(Math.min(missing, BURST_PODS), make, firstBatch(owner, active));
    return failure === undefined || isNamespaceTerminating(failure)
      ? undefined
      : { reason: "FailedCreate", error: failure };
  }
  if (missing === 0) return undefined;
  const siblings = activePodsByHost(replication.siblingsOf(owner, context.cache), context.cache);
  const doomed = inDeletionOrder(active, (hostName) => siblings.get(hostName) ?? 0);
  const deletions = doomed.slice(0, Math.min(-missing, BURST_PODS)).map((pod) => deletePod(owner, pod, context));
  const failed = (await Promise.allSettled(deletions)).find(({ status }) => status === "rejected");
  return failed?.status === "rejected" ? { reason: "FailedDelete", error: failed.reason } : undefined;
}

/** Where so many pods could be made before, and the last attempt did not fail, as many more can probably be made at once. */
function firstBatch({ status }: ReplicatedOwner, active: readonly Pod[]): number {
  const hasFailed = status?.conditions?.some(({ type }) => type === "ReplicaFailure") === true;
  return hasFailed ? 1 : Math.max(1, active.length);
}

function activePodsByHost(owners: readonly KubeObject[], cache: CacheReader): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata } of owners) {
    for (const pod of cache.of(Pod).ownedBy(metadata.uid ?? "")) {
      const { nodeName } = pod.spec;
      if (nodeName && isPodActive(pod)) counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
    }
  }
  return counts;
}

async function writeStatus<Owner extends ReplicatedOwner>(
  { resource, countsTerminating }: PodReplication<Owner>,
  owner: Owner,
  found: { readonly pods: readonly Pod[]; readonly active: readonly Pod[]; readonly failure: Failure | undefined },
  { client, clock, signal }: ReconcileContext,
): Promise<void> {
  const { pods, active, failure } = found;
  const nowMs = clock.now();
  const templateLabels = Object.entries(owner.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const isAvailable = (pod: Pod) => (podAvailableAtMs(pod, minReadySeconds) ?? Number.POSITIVE_INFINITY) <= nowMs;
  const isTerminating = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined && !isPodFinished(pod);
  const conditions = failure
    ? withCondition(
        owner.status?.conditions,
        { type: "ReplicaFailure", status: "True", reason: failure.reason, message: describeError(failure.error) },
        formatTime(nowMs),
      )
    : withoutCondition(owner.status?.conditions, "ReplicaFailure");
  const status: ReplicationStatus = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) =>
      templateLabels.every(([name, value]) => metadata.labels?.[name] === value),
    ).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter(isAvailable).length,
    ...(countsTerminating ? { terminatingReplicas: pods.filter(isTerminating).length } : {}),
    observedGeneration: owner.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
  if (isSameStatus(owner.status, status)) return;
  await client.update(resource, { ...owner, status }, { subresource: "status", signal });
}

/** Counts that are 0 may be absent from what the API gave. */
function isSameStatus(old: ReplicationStatus | undefined, next: ReplicationStatus): boolean {
  return (
    old !== undefined &&
    old.replicas === next.replicas &&
    (old.fullyLabeledReplicas ?? 0) === next.fullyLabeledReplicas &&
    (old.readyReplicas ?? 0) === next.readyReplicas &&
    (old.availableReplicas ?? 0) === next.availableReplicas &&
    (old.terminatingReplicas ?? 0) === (next.terminatingReplicas ?? 0) &&
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
