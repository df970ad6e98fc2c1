// A job and its pods as one pass sees them: what has ended and is not counted yet, which indexes are done, what has failed how
// often. Pure.

import type { Job, Pod } from "@atoll/api/generated/types";
import { isPodActive } from "@atoll/machinery/controller/pod-state";
import { continueStreak, type FailureStreak } from "./job-backoff.ts";
import { countIndexes, hasIndex, type Indexes, indexesOf, mergeIndexes, parseIndexes } from "./job-indexes.ts";
import { judgeFailure } from "./job-policies.ts";
import {
  completionIndexOf,
  finishedAtMs,
  indexFailures,
  isFailedPod,
  isIndexed,
  isSucceededPod,
  isTracked,
  validIndexOf,
} from "./job-pods.ts";

export interface JobView {
  readonly job: Job;
  /** In the order of their indexes, for an indexed job. */
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  /** UIDs in the status of pods that may have lost their finalizer already. */
  readonly uncounted: { readonly succeeded: ReadonlySet<string>; readonly failed: ReadonlySet<string> };
  /** Pods, or indexes, that have succeeded, counted or not. */
  readonly succeeded: number;
  readonly failed: number;
  readonly streak: FailureStreak;
  readonly indexes: JobIndexes | undefined;
}

export interface JobIndexes {
  /** As the status has them. */
  readonly counted: Indexes;
  readonly succeeded: Indexes;
  /** Undefined without a limit of failures per index. */
  readonly failed: Indexes | undefined;
  /** The last failed pod of an index, kept until its successor has taken over its count of failures. */
  readonly waitingForSuccessor: ReadonlyMap<number, Pod>;
}

export function viewOf(job: Job, claimed: readonly Pod[], streak: FailureStreak): JobView {
  const { status } = job;
  const pods = isIndexed(job) ? inIndexOrder(claimed) : claimed;
  const active = pods.filter(isPodActive);
  const uncounted = {
    succeeded: new Set(status?.uncountedTerminatedPods?.succeeded),
    failed: new Set(status?.uncountedTerminatedPods?.failed),
  };
  const isNew = (pod: Pod) => isTracked(pod) && (!isIndexed(job) || validIndexOf(pod, job) !== undefined);
  const hasUid = (uids: ReadonlySet<string>, { metadata }: Pod) => uids.has(metadata.uid ?? "");
  const newlySucceeded = pods.filter((pod) => isSucceededPod(pod) && isNew(pod) && !hasUid(uncounted.succeeded, pod));
  const newlyFailed = pods.filter((pod) => isFailedPod(pod, job) && isNew(pod) && !hasUid(uncounted.failed, pod));
  const countedFailures = newlyFailed.filter((pod) => judgeFailure(job.spec.podFailurePolicy, pod).isCounted);
  const indexes = isIndexed(job) ? indexesOfJob(job, pods, active) : undefined;
  return {
    job,
    pods,
    active,
    uncounted,
    succeeded: indexes
      ? countIndexes(indexes.succeeded)
      : (status?.succeeded ?? 0) + newlySucceeded.length + uncounted.succeeded.size,
    failed: (status?.failed ?? 0) + countedFailures.length + uncounted.failed.size,
    streak: continueStreak(streak, newlySucceeded, newlyFailed),
    indexes,
  };
}

function inIndexOrder(pods: readonly Pod[]): Pod[] {
  const order = (pod: Pod) => completionIndexOf(pod) ?? -1;
  return pods.toSorted((left, right) => order(left) - order(right));
}

function indexesOfJob(job: Job, pods: readonly Pod[], active: readonly Pod[]): JobIndexes {
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  const counted = parseIndexes(job.status?.completedIndexes ?? "", completions);
  const validIndexes = (some: readonly Pod[]) =>
    indexesOf(some.map((pod) => validIndexOf(pod, job)).filter((index) => index !== undefined));
  const tracked = pods.filter(isTracked);
  const succeeded = mergeIndexes(counted, validIndexes(tracked.filter(isSucceededPod)));
  if (backoffLimitPerIndex === undefined) {
    return { counted, succeeded, failed: undefined, waitingForSuccessor: new Map() };
  }
  const failed = mergeIndexes(
    parseIndexes(job.status?.failedIndexes ?? "", completions),
    validIndexes(tracked.filter((pod) => isIndexFailed(job, pod, backoffLimitPerIndex))),
  );
  const settled = mergeIndexes(mergeIndexes(succeeded, failed), validIndexes(active));
  const waiting = tracked.filter((pod) => {
    const index = validIndexOf(pod, job);
    return index !== undefined && isFailedPod(pod, job) && !hasIndex(settled, index);
  });
  return { counted, succeeded, failed, waitingForSuccessor: lastOfEachIndex(waiting) };
}

function isIndexFailed(job: Job, pod: Pod, failuresMax: number): boolean {
  if (!isFailedPod(pod, job)) return false;
  const { action, isCounted } = judgeFailure(job.spec.podFailurePolicy, pod);
  return action === "FailIndex" || (isCounted && indexFailures(pod).counted >= failuresMax);
}

function lastOfEachIndex(pods: readonly Pod[]): Map<number, Pod> {
  const last = new Map<number, Pod>();
  const failures = (pod: Pod) => {
    const { counted, ignored } = indexFailures(pod);
    return counted + ignored;
  };
  for (const pod of pods) {
    const index = completionIndexOf(pod) ?? 0;
    const former = last.get(index);
    const isLater = !former || (failures(former) <= failures(pod) && finishedAtMs(pod) >= finishedAtMs(former));
    if (isLater) last.set(index, pod);
  }
  return last;
}
