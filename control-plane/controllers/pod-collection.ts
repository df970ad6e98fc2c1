// Removes pods that no host will ever report on again: bound to a host whose Node is gone or that is out of service, or deleted
// before they had one. Their end is written down first: who waits for it (a Job, say) must see how it came.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { PodCondition } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { isPodFinished, podsByHost } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";
import { withCondition } from "./condition.ts";

/** A Node that is replaced (a host that joins anew) is away for a moment; upstream waits as long. */
export const QUARANTINE_MS = 40_000;
/** By this an administrator says that the host is down for good and its pods may be replaced. */
const OUT_OF_SERVICE_TAINT = "node.kubernetes.io/out-of-service";

/** A controller with its own memory of when each host was first missed. */
export function podCollection(): ControllerDefinition {
  const missedSinceMs = new Map<string, number>();
  return defineController({
    name: "pod-collection",
    watches: [{ resource: Pod }, { resource: Node, keysOf: podsOn }],
    owns: ["Pod without a host"],
    async reconcile(key, context) {
      const { client, cache, clock, signal } = context;
      const pod = cache.of(Pod).get(key);
      if (!pod) return;
      const { nodeName } = pod.spec;
      const isLeaving = pod.metadata.deletionTimestamp !== undefined;
      if (!nodeName) {
        if (isLeaving) await remove(pod, context);
        return;
      }
      const node = cache.of(Node).get({ name: nodeName });
      if (node) {
        missedSinceMs.delete(nodeName);
        if (isLeaving && isOutOfService(node)) await remove(pod, context);
        return;
      }
      const sinceMs = missedSinceMs.get(nodeName) ?? clock.monotonicMs();
      missedSinceMs.set(nodeName, sinceMs);
      const remainingMs = sinceMs + QUARANTINE_MS - clock.monotonicMs();
      if (remainingMs > 0) return { requeueAfterMs: remainingMs };
      try {
        // The cache may be behind: a host that just joined must not lose its pods.
        await client.get(Node, { name: nodeName }, { signal });
        return;
      } catch (thrown) {
        if (!hasReason(thrown, "NotFound")) throw thrown;
      }
      const message = "PodGC: node no longer exists";
      await remove(pod, context, { type: "DisruptionTarget", status: "True", reason: "DeletionByPodGC", message });
      return;
    },
  });
}

function podsOn(node: Node, cache: CacheReader) {
  return cache
    .of(Pod)
    .indexed(podsByHost, node.metadata.name ?? "")
    .map(nameOf);
}

function isOutOfService({ spec, status }: Node): boolean {
  const isReady = status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True");
  return !isReady && spec.taints?.some(({ key }) => key === OUT_OF_SERVICE_TAINT) === true;
}

async function remove(pod: Pod, context: ReconcileContext, condition?: PodCondition): Promise<void> {
  const { client, log, signal } = context;
  const { uid = "" } = pod.metadata;
  log.info("Removing a pod that no host has");
  try {
    if (!isPodFinished(pod)) await markFailed(pod, context, condition);
    await client.delete(Pod, nameOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
}

async function markFailed(pod: Pod, { client, clock, signal }: ReconcileContext, condition?: PodCondition) {
  const { uid, resourceVersion } = pod.metadata;
  const conditions = condition && withCondition(pod.status?.conditions, condition, formatTime(clock.now()));
  const status = { phase: "Failed", ...(conditions ? { conditions } : {}) };
  const body = { metadata: { uid, resourceVersion }, status };
  await client.patch(Pod, nameOf(pod), { type: "merge", body }, { subresource: "status", signal });
}
