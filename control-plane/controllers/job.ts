// Runs pods to their end, a given number of times. One pass sees what has ended, decides whether the job ends by that, makes or
// deletes pods, and writes down what it counted (`job-*.ts`, one file for each of these).

import { Job } from "@atoll/api/batch/job/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { JobStatus } from "@atoll/api/generated/types";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { controllerOf, refersTo } from "@atoll/machinery/controller/ownership-references";
import { claimDependents } from "./claim-dependents.ts";
import { accountForPods, withoutZeros } from "./job-accounting.ts";
import { type FailureStreak, NO_STREAK } from "./job-backoff.ts";
import { changedConditions, isFinishedJob, type JobEnd } from "./job-conditions.ts";
import { endOf, untilDeadlineMs } from "./job-end.ts";
import { TRACKING_FINALIZER } from "./job-pods.ts";
import { countPods, type PodCounts, scalePods, stopPods } from "./job-scale.ts";
import { type JobView, viewOf } from "./job-view.ts";

/** What `spec.managedBy` says of jobs that are this controller's. */
const MANAGER = "kubernetes.io/job-controller";

export function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== MANAGER;
}

/** Ends of pods come in bursts, and each pass costs two writes of the status: what comes within this time is one pass. */
const GATHER_MS = 100;

/** A controller with its own memory of how often each job's pods have failed in a row. */
export function job(): ControllerDefinition {
  const streaks = new Map<string, { readonly uid: string | undefined; readonly streak: FailureStreak }>();
  return defineController({
    name: "job",
    watches: [{ resource: Job }, { resource: Pod, keysOf: jobsOf, gatherMs: GATHER_MS }],
    owns: ["Pod of a Job", "Job.status"],
    async reconcile(key, context) {
      const { client, cache, signal } = context;
      const id = `${key.namespace}/${key.name}`;
      const current = cache.of(Job).get(key);
      if (!current || isManagedElsewhere(current) || isFinishedJob(current)) {
        streaks.delete(id);
        return;
      }
      const { uid } = current.metadata;
      const known = streaks.get(id);
      const streak = known !== undefined && known.uid === uid ? known.streak : NO_STREAK;
      const pods = await claimDependents({
        client,
        owner: current,
        ownerResource: Job,
        selector: current.spec.selector,
        dependentResource: Pod,
        dependents: cache.of(Pod),
        isAdoptable: () => true,
        finalizer: TRACKING_FINALIZER,
        signal,
      });
      const view = viewOf(current, pods, streak);
      return await advance(view, context, () => streaks.set(id, { uid, streak: view.streak }));
    },
  });
}

function jobsOf(pod: Pod, cache: CacheReader) {
  const owner = controllerOf(pod);
  const { namespace } = pod.metadata;
  if (owner) return refersTo(owner, Job) ? [{ name: owner.name, namespace }] : [];
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  return cache
    .of(Job)
    .list(namespace)
    .filter(({ spec }) => selectsLabels(spec.selector, pod.metadata.labels))
    .map(nameOf);
}

async function advance(view: JobView, context: ReconcileContext, keepStreak: () => void) {
  const { job } = view;
  const { clock, events } = context;
  const nowMs = clock.now();
  const { suspend = false } = job.spec;
  let status: JobStatus = { ...job.status, uncountedTerminatedPods: { ...job.status?.uncountedTerminatedPods } };
  if (status.startTime === undefined && !suspend) status.startTime = formatTime(nowMs);
  let end = endOf(view, status, nowMs);
  let counts: PodCounts;
  let isResumedOrSuspended = false;
  if (end) {
    counts = await stopPods(view, context);
    // What could not be deleted may still run.
    if (counts.failure !== undefined) end = undefined;
  } else {
    const isLeaving = job.metadata.deletionTimestamp !== undefined;
    counts = isLeaving ? countPods(view) : await scalePods(view, context);
    end = completionOf(view, counts);
    const changed = end || isLeaving ? undefined : withSuspension(status, suspend, nowMs);
    if (changed) {
      isResumedOrSuspended = true;
      status = changed;
      const reason = suspend ? "Suspended" : "Resumed";
      events.record(job, { type: "Normal", reason, message: `Job ${suspend ? "suspended" : "resumed"}` });
    }
  }
  const { active, ready, terminating } = counts;
  const isChanged =
    isResumedOrSuspended ||
    active !== (job.status?.active ?? 0) ||
    ready !== job.status?.ready ||
    terminating !== job.status?.terminating;
  const draft = { status: withoutZeros({ ...status, active, ready, terminating }), isChanged, end };
  const isFinished = await accountForPods(view, draft, context, keepStreak);
  if (isFinished && end) tellEnd(view, end, context);
  if (counts.failure !== undefined) throw counts.failure;
  const waits = [counts.retryAfterMs, isFinished ? undefined : untilDeadlineMs(job, status, nowMs)];
  const wait = Math.min(...waits.filter((ms) => ms !== undefined));
  return Number.isFinite(wait) ? { requeueAfterMs: wait } : undefined;
}

/** Enough pods have succeeded, and none is under way any more. */
function completionOf({ job, succeeded }: JobView, { active }: PodCounts): JobEnd | undefined {
  const needed = job.spec.completions ?? 1;
  if (succeeded < needed || active > 0) return undefined;
  const message = "Reached expected number of succeeded pods";
  return { type: "Complete", isAnnounced: false, reason: "CompletionsReached", message };
}

/** The time that a job has run begins anew when it is resumed. */
function withSuspension(status: JobStatus, isSuspended: boolean, nowMs: number): JobStatus | undefined {
  const condition = isSuspended
    ? { type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" }
    : { type: "Suspended", status: "False", reason: "JobResumed", message: "Job resumed" };
  const conditions = changedConditions(status.conditions, condition, nowMs);
  if (!conditions) return undefined;
  const { startTime: _former, ...rest } = status;
  return { ...rest, conditions, ...(isSuspended ? {} : { startTime: formatTime(nowMs) }) };
}

function tellEnd({ job, succeeded }: JobView, end: JobEnd, { events }: ReconcileContext): void {
  if (end.type === "Failed") {
    events.record(job, { type: "Warning", reason: end.reason, message: end.message });
    return;
  }
  if (job.spec.completions !== undefined && succeeded > job.spec.completions) {
    const message = "Too many succeeded pods running after completion count reached";
    events.record(job, { type: "Warning", reason: "TooManySucceededPods", message });
  }
  events.record(job, { type: "Normal", reason: "Completed", message: "Job completed" });
}
