import type { Pod } from "@atoll/api/generated/types";
import { tableOf } from "@atoll/base/table-of";
import { isPodReady, podCondition } from "@atoll/machinery/controller/pod-state";

const DELETION_COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost";
const PHASE_ORDER: Readonly<Record<string, number>> = tableOf({ Pending: 0, Unknown: 1, Running: 2 });

/**
 * The pods in the order in which a shrinking ReplicaSet gives them up, cheapest loss first: without a host, not yet
 * running, not ready, of low deletion cost, with many siblings on the same host, ready for a short time, often restarted,
 * young. `siblingsOn` counts the active pods of the same workload on a host.
 */
export function inDeletionOrder(pods: readonly Pod[], siblingsOn: (hostName: string) => number): Pod[] {
  const keys = new Map(pods.map((pod) => [pod, lossOf(pod, siblingsOn)]));
  return pods.toSorted((left, right) => compareLosses(keys.get(left) ?? [], keys.get(right) ?? []));
}

/** Smaller at the first difference is deleted first. The name makes the order total, so that it is the same every time. */
function lossOf(pod: Pod, siblingsOn: (hostName: string) => number): readonly (number | string)[] {
  const { nodeName = "" } = pod.spec;
  const isReady = isPodReady(pod);
  const readyTime = podCondition(pod, "Ready")?.lastTransitionTime;
  const restarts = Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
  return [
    nodeName === "" ? 0 : 1,
    PHASE_ORDER[pod.status?.phase ?? "Pending"] ?? 1,
    isReady ? 1 : 0,
    deletionCost(pod),
    nodeName === "" ? 0 : -siblingsOn(nodeName),
    isReady && readyTime !== undefined ? -Date.parse(readyTime) : 0,
    -restarts,
    -Date.parse(pod.metadata.creationTimestamp ?? "1970-01-01T00:00:00Z"),
    pod.metadata.name ?? "",
  ];
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST_ANNOTATION] ?? "0";
  return /^-?\d{1,10}$/.test(text) ? Number(text) : 0;
}

function compareLosses(left: readonly (number | string)[], right: readonly (number | string)[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
