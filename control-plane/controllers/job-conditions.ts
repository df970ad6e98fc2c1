// Conditions of jobs. An end is announced before it is there: FailureTarget and SuccessCriteriaMet say how the job will end,
// Failed and Complete follow when the last pod is gone and counted.

import type { Job, JobCondition } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";

/** How a job ends, or is going to. */
export interface JobEnd {
  readonly type: "Complete" | "Failed";
  /** Whether the announcing condition is on the job already. */
  readonly isAnnounced: boolean;
  readonly reason: string;
  readonly message: string;
}

export const ANNOUNCEMENT = { Complete: "SuccessCriteriaMet", Failed: "FailureTarget" } as const;

export function trueCondition(conditions: readonly JobCondition[] | undefined, type: string): JobCondition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === "True");
}

export function isFinishedJob({ status }: Job): boolean {
  return ["Complete", "Failed"].some((type) => trueCondition(status?.conditions, type) !== undefined);
}

export function announcedEnd(conditions: readonly JobCondition[] | undefined): JobEnd | undefined {
  for (const type of ["Complete", "Failed"] as const) {
    const announced = trueCondition(conditions, ANNOUNCEMENT[type]);
    const { reason = "", message = "" } = announced ?? {};
    if (announced) return { type, isAnnounced: true, reason, message };
  }
  return undefined;
}

export function failing(reason: string, message: string): JobEnd {
  return { type: "Failed", isAnnounced: false, reason, message };
}

export function succeeding(reason: string, message: string): JobEnd {
  return { type: "Complete", isAnnounced: false, reason, message };
}

/**
 * The list with this condition; undefined when it says so already. One that is not there is not added to say False: from
 * nothing to False nothing has happened.
 */
export function changedConditions(
  conditions: readonly JobCondition[] | undefined,
  condition: Pick<JobCondition, "type" | "status" | "reason" | "message">,
  nowMs: number,
): JobCondition[] | undefined {
  const list = conditions ?? [];
  const index = list.findIndex(({ type }) => type === condition.type);
  const old = list[index];
  if (!old && condition.status === "False") return undefined;
  const isSame =
    old?.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  if (isSame) return undefined;
  const now = formatTime(nowMs);
  const next = { ...condition, lastProbeTime: now, lastTransitionTime: now };
  return old ? list.with(index, next) : [...list, next];
}
