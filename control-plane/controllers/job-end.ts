// Whether a job ends before all its pods have succeeded: because it said so before, a policy says so, too much failed, or its
// time is up. In upstream's order, since several may be true at once.

import type { Job, JobStatus, Pod } from "@atoll/api/generated/types";
import { announcedEnd, failing, type JobEnd, succeeding } from "./job-conditions.ts";
import { countIndexes } from "./job-indexes.ts";
import { judgeFailure, matchSuccess } from "./job-policies.ts";
import { isFailedPod } from "./job-pods.ts";
import type { JobIndexes, JobView } from "./job-view.ts";

/** `status` is the one to be written, which may have a new start time. */
export function endOf(view: JobView, status: JobStatus, nowMs: number): JobEnd | undefined {
  return (
    announcedEnd(status.conditions) ??
    endByFailurePolicy(view) ??
    endByBackoffLimit(view) ??
    endByDeadline(view.job, status, nowMs) ??
    (view.indexes && (endByFailedIndexes(view.job, view.indexes) ?? endBySuccessPolicy(view.job, view.indexes)))
  );
}

function endByFailurePolicy({ job, pods }: JobView): JobEnd | undefined {
  const { podFailurePolicy } = job.spec;
  if (!podFailurePolicy) return undefined;
  for (const pod of pods) {
    const message = isFailedPod(pod, job) ? judgeFailure(podFailurePolicy, pod).message : undefined;
    if (message !== undefined) return failing("PodFailurePolicy", message);
  }
  return undefined;
}

function endByBackoffLimit({ job, pods, failed }: JobView): JobEnd | undefined {
  const { backoffLimit = 0 } = job.spec;
  const isExceeded = failed > backoffLimit || (restartsOnFailure(job) && restartsOf(pods) >= Math.max(1, backoffLimit));
  return isExceeded ? failing("BackoffLimitExceeded", "Job has reached the specified backoff limit") : undefined;
}

function restartsOnFailure({ spec }: Job): boolean {
  return spec.template.spec?.restartPolicy === "OnFailure";
}

/** Of pods under way: there a failure restarts the container and not the pod. */
function restartsOf(pods: readonly Pod[]): number {
  return pods
    .filter(({ status }) => status?.phase === "Running" || status?.phase === "Pending")
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((count, { restartCount }) => count + restartCount, 0);
}

function endByDeadline(job: Job, status: JobStatus, nowMs: number): JobEnd | undefined {
  const remainingMs = untilDeadlineMs(job, status, nowMs);
  if (remainingMs === undefined || remainingMs > 0) return undefined;
  return failing("DeadlineExceeded", "Job was active longer than specified deadline");
}

/** Undefined without a deadline, and while the job does not run. */
export function untilDeadlineMs({ spec }: Job, { startTime }: JobStatus, nowMs: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || startTime === undefined || spec.suspend) return undefined;
  return Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - nowMs;
}

function endByFailedIndexes({ spec }: Job, { succeeded, failed }: JobIndexes): JobEnd | undefined {
  const failedCount = countIndexes(failed ?? []);
  if (spec.maxFailedIndexes !== undefined && failedCount > spec.maxFailedIndexes) {
    return failing("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
  }
  const areAllSettled = failedCount + countIndexes(succeeded) >= (spec.completions ?? 0);
  return failedCount > 0 && areAllSettled ? failing("FailedIndexes", "Job has failed indexes") : undefined;
}

function endBySuccessPolicy({ spec }: Job, { succeeded }: JobIndexes): JobEnd | undefined {
  const message = matchSuccess(spec.successPolicy, spec.completions ?? 0, succeeded);
  return message === undefined ? undefined : succeeding("SuccessPolicy", message);
}
