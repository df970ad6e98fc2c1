// The condition by which a PodDisruptionBudget says whether a pod may be evicted. Both who counts the pods and who grants an
// eviction keep it in step with the number.

import type { PodDisruptionBudgetStatus } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";

const TYPE = "DisruptionAllowed";

export const SYNC_FAILED_REASON = "SyncFailed";

/** The status with its condition as the number of allowed disruptions says. */
export function withDisruptionAllowed(status: PodDisruptionBudgetStatus, nowMs: number): PodDisruptionBudgetStatus {
  return (status.disruptionsAllowed ?? 0) > 0
    ? withCondition(status, { status: "True", reason: "SufficientPods", message: "" }, nowMs)
    : withCondition(status, { status: "False", reason: "InsufficientPods", message: "" }, nowMs);
}

/** The status of a budget whose pods could not be counted: nothing is allowed until they can. */
export function withSyncFailure(
  status: PodDisruptionBudgetStatus,
  message: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const closed = { ...status, disruptionsAllowed: 0 };
  return withCondition(closed, { status: "False", reason: SYNC_FAILED_REASON, message }, nowMs);
}

export function disruptionCondition(status: PodDisruptionBudgetStatus | undefined) {
  return status?.conditions?.find(({ type }) => type === TYPE);
}

/** The time moves only with the truth of the condition. */
function withCondition(
  status: PodDisruptionBudgetStatus,
  said: { readonly status: string; readonly reason: string; readonly message: string },
  nowMs: number,
): PodDisruptionBudgetStatus {
  const conditions = status.conditions ?? [];
  const old = disruptionCondition(status);
  const { observedGeneration } = status;
  const lastTransitionTime = old?.status === said.status ? old.lastTransitionTime : formatTime(nowMs);
  const condition = {
    type: TYPE,
    ...said,
    ...(observedGeneration ? { observedGeneration } : {}),
    lastTransitionTime,
  };
  const isKnown = conditions.some(({ type }) => type === TYPE);
  return {
    ...status,
    conditions: isKnown
      ? conditions.map((other) => (other.type === TYPE ? condition : other))
      : [...conditions, condition],
  };
}
