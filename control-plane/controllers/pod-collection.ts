// Removes pods that no host will ever report on again: bound to a host whose Node is gone, or deleted before they had one.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { podsByHost } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";

/** A Node that is replaced (a host that joins anew) is away for a moment; upstream waits as long. */
export const QUARANTINE_MS = 40_000;

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
      if (!nodeName) {
        if (pod.metadata.deletionTimestamp !== undefined) await remove(pod, context);
        return;
      }
      if (cache.of(Node).get({ name: nodeName })) {
        missedSinceMs.delete(nodeName);
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
      await remove(pod, context);
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

async function remove(pod: Pod, { client, log, signal }: ReconcileContext): Promise<void> {
  const { uid = "" } = pod.metadata;
  log.info("Removing a pod that no host has");
  try {
    await client.delete(Pod, nameOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
}
