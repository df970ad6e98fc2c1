// Which start of a CronJob is due, and when to look again. Starts that were missed (nobody ran, the job was suspended) are not
// made up for one by one: the last of them counts. Pure; times in milliseconds.

import type { Schedule } from "@atoll/api/batch/cron-job/schedule";
import type { CronJob } from "@atoll/api/generated/types";
import { nextTime } from "./cron-schedule.ts";

/** More starts at once than this are told to the user: rather the clock is wrong than everybody was away. Upstream's number. */
export const STARTS_MANY = 100;
/** Clocks are never quite alike: a little late is better than a moment early. */
const PADDING_MS = 100;

export interface DueTimes {
  /** The last start that is due; undefined when there is none. */
  readonly dueMs: number | undefined;
  /** Starts since the last one that was made, with the one that is due; counted as if they were regular. */
  readonly count: number;
}

/** "never": the schedule names a day that does not exist. */
export function dueTimes(cronJob: CronJob, schedule: Schedule, nowMs: number): DueTimes | "never" {
  const { startingDeadlineSeconds } = cronJob.spec;
  const deadlineMs =
    startingDeadlineSeconds === undefined ? Number.NEGATIVE_INFINITY : nowMs - startingDeadlineSeconds * 1000;
  return lastDue(cronJob, schedule, Math.max(lastSeenMs(cronJob), deadlineMs), nowMs);
}

/** How long until the start after the last one that is due. */
export function untilNextMs(cronJob: CronJob, schedule: Schedule, nowMs: number): number | undefined {
  const sinceMs = lastSeenMs(cronJob);
  const due = lastDue(cronJob, schedule, sinceMs, nowMs);
  const fromMs = due === "never" ? nowMs : (due.dueMs ?? (due.count > 0 ? nowMs : sinceMs));
  const nextMs = nextTime(schedule, fromMs, cronJob.spec.timeZone);
  return nextMs === undefined ? undefined : Math.max(0, nextMs - nowMs) + PADDING_MS;
}

function lastSeenMs({ metadata, status }: CronJob): number {
  return Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? "1970-01-01T00:00:00Z");
}

function lastDue(cronJob: CronJob, schedule: Schedule, sinceMs: number, nowMs: number): DueTimes | "never" {
  const { timeZone } = cronJob.spec;
  const firstMs = nextTime(schedule, sinceMs, timeZone);
  if (firstMs === undefined) return "never";
  if (nowMs < firstMs) return { dueMs: undefined, count: 0 };
  const secondMs = nextTime(schedule, firstMs, timeZone);
  if (secondMs === undefined) return "never";
  if (nowMs < secondMs) return { dueMs: firstMs, count: 1 };
  const betweenMs = secondMs - firstMs;
  const count = Math.floor((nowMs - firstMs) / betweenMs) + 1;
  // From a little before the present: a schedule is not regular, and a walk from the first start may be long.
  let dueMs: number | undefined;
  let atMs = nextTime(schedule, firstMs + (count - 2) * betweenMs, timeZone);
  while (atMs !== undefined && atMs <= nowMs) {
    dueMs = atMs;
    atMs = nextTime(schedule, atMs, timeZone);
  }
  return { dueMs, count };
}
