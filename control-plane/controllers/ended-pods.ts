// Keeps the number of ended pods in the cluster bounded, whoever made them: beyond the limit the oldest go, evicted ones first.

import { Pod } from "@atoll/api/core/pod/kind";
import { nameOf } from "@atoll/machinery/client/client";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import type { CacheIndex } from "@atoll/machinery/controller/informer";
import { isPodFinished } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";

/** Upstream's default. */
const ENDED_PODS_MAX = 12_500;
/** Upstream looks as often. */
const GATHER_MS = 20_000;

const ALL = "ended";
const ended: CacheIndex<Pod> = { name: "ended pods", valuesOf: (pod) => (isPodFinished(pod) ? [ALL] : []) };

export function endedPods(countMax = ENDED_PODS_MAX): ControllerDefinition {
  return defineController({
    name: "ended-pods",
    watches: [
      { resource: Pod, keysOf: (pod: Pod) => (isPodFinished(pod) ? [{ name: ALL }] : []), gatherMs: GATHER_MS },
    ],
    owns: ["Pod that has ended long ago"],
    async reconcile(_key, { client, cache, log, signal }) {
      const pods = cache.of(Pod).indexed(ended, ALL);
      const surplus = pods.length - countMax;
      if (surplus <= 0) return;
      log.info("Removing the oldest ended pods", { count: surplus });
      for (const pod of pods.toSorted(evictedThenOldest).slice(0, surplus)) {
        const { uid = "" } = pod.metadata;
        try {
          await client.delete(Pod, nameOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
        } catch (thrown) {
          if (!hasReason(thrown, "NotFound") && !hasReason(thrown, "Conflict")) throw thrown;
        }
      }
      return undefined;
    },
  });
}

function evictedThenOldest(left: Pod, right: Pod): number {
  return sortKey(left) < sortKey(right) ? -1 : 1;
}

function sortKey({ metadata, status }: Pod): string {
  const isEvicted = status?.phase === "Failed" && status.reason === "Evicted";
  return `${isEvicted ? 0 : 1} ${metadata.creationTimestamp ?? ""} ${metadata.name}`;
}
