// Takes back the word that a pod is about to be disrupted when the pod is still there: its eviction was stopped half way.

import { Pod } from "@atoll/api/core/pod/kind";
import type { PodCondition } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import { defineController } from "@atoll/machinery/controller/controller";
import { isPodFinished, podCondition } from "@atoll/machinery/controller/pod-state";

const TYPE = "DisruptionTarget";
/** Upstream's time. */
const STALE_MS = 2 * 60_000;

export const staleDisruption = defineController({
  name: "stale-disruption",
  watches: [{ resource: Pod, keysOf: (pod: Pod) => (pendingDisruption(pod) ? [nameOf(pod)] : []) }],
  owns: ["Pod.status.conditions.DisruptionTarget"],
  async reconcile(key, { client, cache, clock, signal }) {
    const pod = cache.of(Pod).get(key);
    const condition = pod && pendingDisruption(pod);
    if (!pod || !condition) return;
    const remainingMs = Date.parse(condition.lastTransitionTime ?? "") + STALE_MS - clock.now();
    if (remainingMs > 0) return { requeueAfterMs: remainingMs };
    const withdrawn = { type: TYPE, status: "False", lastTransitionTime: formatTime(clock.now()) };
    const conditions = pod.status?.conditions?.map((other) => (other.type === TYPE ? withdrawn : other)) ?? [];
    const { uid, resourceVersion } = pod.metadata;
    const body = { metadata: { uid, resourceVersion }, status: { conditions } };
    await client.patch(Pod, nameOf(pod), { type: "merge", body }, { subresource: "status", signal });
    return undefined;
  },
});

/** The host's own word stands: it may take long to end a pod. */
function pendingDisruption(pod: Pod): PodCondition | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || isPodFinished(pod)) return undefined;
  const condition = podCondition(pod, TYPE);
  return condition?.status === "True" && condition.reason !== "TerminationByKubelet" ? condition : undefined;
}
