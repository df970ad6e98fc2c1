// How long a job waits before it makes a pod in the place of one that failed: 10 s after the first failure since its last
// success, twice as long after each further one, 10 min at most. Kept in memory only: after a restart the first pod
// comes at once, as upstream's does.

import type { Pod } from "@atoll/api/generated/types";
import { doubled } from "@atoll/machinery/controller/back-off";
import { finishedAtMs, indexFailures } from "./job-pods.ts";

const POD_FAILURE = { firstMs: 10_000, longestMs: 10 * 60_000 };

export interface FailureStreak {
  /** Failures since the last success. */
  readonly count: number;
  readonly lastAtMs: number;
}

export const NO_STREAK: FailureStreak = { count: 0, lastAtMs: 0 };

/** The streak after these further ends, none of which it knows yet. */
export function continueStreak(
  streak: FailureStreak,
  succeeded: readonly Pod[],
  failed: readonly Pod[],
): FailureStreak {
  const failures = failed.map(finishedAtMs);
  if (succeeded.length === 0) {
    return failures.length === 0 ? streak : { count: streak.count + failures.length, lastAtMs: Math.max(...failures) };
  }
  const lastSuccessMs = Math.max(...succeeded.map(finishedAtMs));
  const later = failures.filter((atMs) => atMs > lastSuccessMs);
  return later.length === 0 ? NO_STREAK : { count: later.length, lastAtMs: Math.max(...later) };
}

/** What is left of the pause, in milliseconds. */
export function remainingPauseMs({ count, lastAtMs }: FailureStreak, nowMs: number): number {
  if (count === 0) return 0;
  return Math.max(0, lastAtMs + doubled(POD_FAILURE, count - 1) - nowMs);
}

/** As above, for the index at which this pod failed last. */
export function remainingIndexPauseMs(failed: Pod | undefined, nowMs: number): number {
  if (!failed) return 0;
  const { counted, ignored } = indexFailures(failed);
  return remainingPauseMs({ count: counted + ignored + 1, lastAtMs: finishedAtMs(failed) }, nowMs);
}
