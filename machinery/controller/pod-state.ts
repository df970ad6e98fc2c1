// What several parts ask of a pod. Pure; times in milliseconds since the epoch.

import type { Pod, PodCondition } from "@atoll/api/generated/types";
import type { CacheIndex } from "./informer.ts";

/** Pods by the host they are bound to; unbound ones under "". */
export const podsByHost: CacheIndex<Pod> = {
  name: "pods by host",
  valuesOf: (pod) => [pod.spec.nodeName ?? ""],
};

/** True when none of its containers will run again. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** True for a pod that counts as a replica: not finished and not on its way out. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

/** When the pod became or becomes available: ready for `minReadySeconds` without a break. Undefined while it is not ready. */
export function podAvailableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return Number.NEGATIVE_INFINITY;
  // A Ready condition without its time cannot prove that it lasted.
  return ready.lastTransitionTime === undefined
    ? undefined
    : Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000;
}
