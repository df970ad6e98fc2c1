// Keeps so many ended Jobs of a CronJob as it wishes to look back on.

import type { CronJob } from "@atoll/api/batch/cron-job/kind";
import { Job } from "@atoll/api/batch/job/kind";
import { describeError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { trueCondition } from "./job-conditions.ts";

/** Deletes the oldest ended Jobs above the limits, and gives them back. One that cannot be deleted now is tried again later. */
export async function cleanUpHistory(
  cronJob: CronJob,
  jobs: readonly Job[],
  context: ReconcileContext,
): Promise<Job[]> {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
  const surplus = [
    ...oldestAbove(jobs, "Complete", successfulJobsHistoryLimit),
    ...oldestAbove(jobs, "Failed", failedJobsHistoryLimit),
  ];
  const deleted: Job[] = [];
  for (const job of surplus) {
    try {
      await deleteJob(cronJob, job, context);
      deleted.push(job);
    } catch (thrown) {
      context.log.error("Deleting an ended job failed", { job: job.metadata.name, error: thrown as Error }); // Clients throw Errors.
    }
  }
  return deleted;
}

function oldestAbove(jobs: readonly Job[], end: "Complete" | "Failed", limit: number | undefined): Job[] {
  if (limit === undefined) return [];
  const ended = jobs.filter(
    ({ metadata, status }) => trueCondition(status?.conditions, end) && metadata.deletionTimestamp === undefined,
  );
  // Those that never began come last.
  const key = ({ metadata, status }: Job) => `${status?.startTime ?? "~"} ${metadata.name}`;
  return ended.toSorted((left, right) => (key(left) < key(right) ? -1 : 1)).slice(0, Math.max(0, ended.length - limit));
}

/** With its pods. */
export async function deleteJob(
  cronJob: CronJob,
  job: Job,
  { client, events, signal }: ReconcileContext,
): Promise<void> {
  try {
    const { uid = "" } = job.metadata;
    await client.delete(Job, nameOf(job), { propagationPolicy: "Background", preconditions: { uid }, signal });
  } catch (thrown) {
    if (hasReason(thrown, "NotFound")) return;
    events.record(cronJob, {
      type: "Warning",
      reason: "FailedDelete",
      message: `Deleted job: ${describeError(thrown)}`,
    });
    throw thrown;
  }
  events.record(cronJob, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted job ${job.metadata.name}` });
}
