// Counts ended pods exactly once. The UID of an ended pod is first written to the status; then the pod loses its finalizer and
// may go; then the count goes up and the UID leaves the status. Stopped between any two of these, the next pass goes on
// from what is stored. Successes of an indexed job need no UIDs: an index is in the list or not.

import { Job } from "@atoll/api/batch/job/kind";
import type { JobStatus, Pod } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import { ANNOUNCEMENT, changedConditions, type JobEnd } from "./job-conditions.ts";
import { countIndexes, formatIndexes, hasIndex, indexesOf, mergeIndexes } from "./job-indexes.ts";
import { judgeFailure } from "./job-policies.ts";
import { isFailedPod, isIndexed, isSucceededPod, isTracked, validIndexOf } from "./job-pods.ts";
import { releasePod } from "./job-scale.ts";
import type { JobView } from "./job-view.ts";

/** Keeps the UIDs in the status below 20 KB, and a large job from keeping others waiting. Upstream's number. */
const UNCOUNTED_MAX = 500;

export interface Draft {
  readonly status: JobStatus;
  readonly isChanged: boolean;
  readonly end: JobEnd | undefined;
}

/**
 * Writes the status, takes the finalizers off and writes the status again. True when the job has ended by this. `onWritten`
 * is called when the ends seen in this pass are safe in the status.
 */
export async function accountForPods(
  view: JobView,
  draft: Draft,
  context: ReconcileContext,
  onWritten: () => void,
): Promise<boolean> {
  const ended = collectEnded(view, draft.end);
  const tracked = new Set(view.pods.filter(isTracked).map(({ metadata }) => metadata.uid ?? ""));
  const settled = settle(draft.status, tracked);
  let status = withEnded(view, settled ?? draft.status, ended);
  const announced = draft.end && announce(status, draft.end, context.clock.now());
  status = announced ?? status;
  let isChanged =
    draft.isChanged ||
    settled !== undefined ||
    announced !== undefined ||
    ended.succeededIndexes.length + ended.succeeded.length + ended.failed.length > 0 ||
    status.completedIndexes !== draft.status.completedIndexes ||
    status.failedIndexes !== draft.status.failedIndexes;
  let { job } = view;
  if (isChanged) {
    job = await writeStatus(job, status, context);
    onWritten();
    isChanged = false;
  }
  const results = await Promise.allSettled(ended.releasable.map((pod) => releasePod(pod, context)));
  for (const [i, { metadata }] of ended.releasable.entries()) {
    if (results[i]?.status === "fulfilled") tracked.delete(metadata.uid ?? "");
  }
  const counted = settle(status, tracked);
  const finished =
    draft.end && !ended.isCutShort ? finish(counted ?? status, draft.end, context.clock.now()) : undefined;
  const failed = results.find((result) => result.status === "rejected");
  const last = (failed ? undefined : finished) ?? counted;
  if (last) await writeStatus(job, last, context);
  if (failed?.status === "rejected") throw failed.reason;
  return finished !== undefined;
}

interface Ended {
  /** Pods that may go once the status says what became of them. */
  readonly releasable: readonly Pod[];
  readonly succeededIndexes: readonly number[];
  /** UIDs. */
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  /** More than one pass can take. */
  readonly isCutShort: boolean;
}

function collectEnded(view: JobView, end: JobEnd | undefined): Ended {
  const { job, uncounted } = view;
  const releasable: Pod[] = [];
  const succeededIndexes: number[] = [];
  const succeeded: string[] = [];
  const failed: string[] = [];
  let room = UNCOUNTED_MAX - uncounted.succeeded.size - uncounted.failed.size;
  let isCutShort = false;
  for (const pod of view.pods) {
    if (!isTracked(pod) || !isReleasable(view, pod, end)) continue;
    const count = countOf(view, pod, end);
    if (count && room <= 0) {
      isCutShort = true;
      continue;
    }
    releasable.push(pod);
    if (!count) continue;
    room--;
    const { uid = "" } = pod.metadata;
    if (count === "failed") failed.push(uid);
    else if (isIndexed(job)) succeededIndexes.push(validIndexOf(pod, job) ?? 0);
    else succeeded.push(uid);
  }
  return { releasable, succeededIndexes, succeeded, failed, isCutShort };
}

/** What the pod's end adds to; undefined when it is counted already, or does not count. */
function countOf(view: JobView, pod: Pod, end: JobEnd | undefined): "succeeded" | "failed" | undefined {
  const { job, uncounted, indexes } = view;
  const { uid = "" } = pod.metadata;
  const index = validIndexOf(pod, job);
  if (uncounted.failed.has(uid) || (isIndexed(job) && index === undefined)) return undefined;
  if (isSucceededPod(pod)) {
    const isCounted = indexes ? hasIndex(indexes.counted, index ?? 0) : uncounted.succeeded.has(uid);
    return isCounted ? undefined : "succeeded";
  }
  // Of a job that fails, whatever still runs has failed with it.
  const isFailure = isFailedPod(pod, job) || end?.type === "Failed";
  return isFailure && judgeFailure(job.spec.podFailurePolicy, pod).isCounted ? "failed" : undefined;
}

function isReleasable({ job, indexes }: JobView, pod: Pod, end: JobEnd | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || end !== undefined || isSucceededPod(pod)) return true;
  if (!isFailedPod(pod, job)) return false;
  const index = validIndexOf(pod, job);
  return index === undefined || indexes?.waitingForSuccessor.get(index)?.metadata.uid !== pod.metadata.uid;
}

function withEnded({ job, indexes }: JobView, status: JobStatus, ended: Ended): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const next = {
    ...status,
    uncountedTerminatedPods: uncountedPods([...succeeded, ...ended.succeeded], [...failed, ...ended.failed]),
  };
  if (!isIndexed(job) || !indexes) return next;
  const done = mergeIndexes(indexes.succeeded, indexesOf(ended.succeededIndexes));
  const text = formatIndexes(done);
  return withoutZeros({
    ...next,
    succeeded: countIndexes(done),
    completedIndexes: text,
    ...(indexes.failed ? { failedIndexes: formatIndexes(indexes.failed) } : {}),
  });
}

/** Counts the pods whose finalizer is gone; undefined when there are none. */
function settle(status: JobStatus, tracked: ReadonlySet<string>): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = {
    succeeded: succeeded.filter((uid) => tracked.has(uid)),
    failed: failed.filter((uid) => tracked.has(uid)),
  };
  const newlySucceeded = succeeded.length - left.succeeded.length;
  const newlyFailed = failed.length - left.failed.length;
  if (newlySucceeded + newlyFailed === 0) return undefined;
  return withoutZeros({
    ...status,
    succeeded: (status.succeeded ?? 0) + newlySucceeded,
    failed: (status.failed ?? 0) + newlyFailed,
    uncountedTerminatedPods: uncountedPods(left.succeeded, left.failed),
  });
}

function uncountedPods(succeeded: string[], failed: string[]) {
  return { ...(succeeded.length > 0 ? { succeeded } : {}), ...(failed.length > 0 ? { failed } : {}) };
}

/** A count of none is written as absence, like upstream writes it; `ready` and `terminating` are always there. */
export function withoutZeros(status: JobStatus): JobStatus {
  const { active, succeeded, failed, completedIndexes, ...rest } = status;
  return {
    ...rest,
    ...(active ? { active } : {}),
    ...(succeeded ? { succeeded } : {}),
    ...(failed ? { failed } : {}),
    ...(completedIndexes ? { completedIndexes } : {}),
  };
}

function announce(status: JobStatus, { type, isAnnounced, reason, message }: JobEnd, nowMs: number) {
  if (isAnnounced) return undefined;
  const condition = { type: ANNOUNCEMENT[type], status: "True", reason, message };
  const conditions = changedConditions(status.conditions, condition, nowMs);
  return conditions && { ...status, conditions };
}

/** The status with the last condition; undefined while a pod is still on its way out or not counted. */
function finish(status: JobStatus, { type, reason, message }: JobEnd, nowMs: number): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length + (status.terminating ?? 0) > 0) return undefined;
  const conditions = changedConditions(status.conditions, { type, status: "True", reason, message }, nowMs);
  if (!conditions) return undefined;
  return { ...status, conditions, ...(type === "Complete" ? { completionTime: formatTime(nowMs) } : {}) };
}

function writeStatus(job: Job, status: JobStatus, { client, signal }: ReconcileContext): Promise<Job> {
  return client.update(Job, { ...job, status }, { subresource: "status", signal });
}
