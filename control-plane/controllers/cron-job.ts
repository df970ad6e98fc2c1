// Makes Jobs at the times of a schedule. The Job of a start has a name that follows from its time, so that a start whose record
// was lost is not made twice.

import { CronJob } from "@atoll/api/batch/cron-job/kind";
import { parseSchedule, type Schedule } from "@atoll/api/batch/cron-job/schedule";
import { Job } from "@atoll/api/batch/job/kind";
import type { ObjectReference } from "@atoll/api/generated/types";
import { apiVersionOf } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { describeError, toError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { controllerOf, controllerReference, refersTo } from "@atoll/machinery/controller/ownership-references";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";
import { dueTimes, STARTS_MANY, untilNextMs } from "./cron-job-times.ts";
import { cleanUpHistory, deleteJob } from "./cron-job-history.ts";
import { formatInZone } from "./cron-schedule.ts";
import { isFinishedJob, trueCondition } from "./job-conditions.ts";

const SCHEDULED_TIME_ANNOTATION = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** A controller with its own memory of schedules: a start that only a new schedule has made late is not made up for. */
export function cronJob(): ControllerDefinition {
  const schedules = new Map<string, string>();
  return defineController({
    name: "cronjob",
    watches: [{ resource: CronJob }, { resource: Job, keysOf: cronJobsOf }],
    owns: ["Job of a CronJob", "CronJob.status"],
    async reconcile(key, context) {
      const { cache, clock } = context;
      const id = `${key.namespace}/${key.name}`;
      const current = cache.of(CronJob).get(key);
      if (!current) {
        schedules.delete(id);
        return;
      }
      const { uid } = current.metadata;
      const written = JSON.stringify([uid, current.spec.schedule, current.spec.timeZone]);
      const known = schedules.get(id);
      schedules.set(id, written);
      const schedule = readSchedule(current, clock.now());
      const isRewritten = known !== undefined && known !== written && JSON.parse(known)[0] === uid;
      if (isRewritten && typeof schedule !== "string") return nextLook(current, schedule, context);
      const jobs = cache
        .of(Job)
        .ownedBy(uid ?? "")
        .filter((job) => controllerOf(job)?.uid === uid);
      return await advance(current, jobs, schedule, context);
    },
  });
}

function cronJobsOf(job: Job) {
  const owner = controllerOf(job);
  return owner && refersTo(owner, CronJob) ? [{ name: owner.name, namespace: job.metadata.namespace }] : [];
}

/** The schedule, or why it cannot be followed. */
function readSchedule({ spec }: CronJob, nowMs: number): Schedule | string {
  const schedule = parseSchedule(spec.schedule);
  if (typeof schedule === "string") return schedule;
  try {
    formatInZone(nowMs, schedule.timeZone ?? spec.timeZone);
  } catch (thrown) {
    return toError(thrown).message;
  }
  return schedule;
}

function nextLook(cronJob: CronJob, schedule: Schedule, { clock }: ReconcileContext) {
  const requeueAfterMs = untilNextMs(cronJob, schedule, clock.now());
  return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
}

/** What the pass knows of a CronJob; `active` and the times become its status. */
interface CronPass {
  readonly cronJob: CronJob;
  active: ObjectReference[];
  lastScheduleTime: string | undefined;
  lastSuccessfulTime: string | undefined;
}

async function advance(cronJob: CronJob, jobs: readonly Job[], schedule: Schedule | string, context: ReconcileContext) {
  const { active = [], lastScheduleTime, lastSuccessfulTime } = cronJob.status ?? {};
  const pass: CronPass = { cronJob, active: [...active], lastScheduleTime, lastSuccessfulTime };
  tellEnded(pass, jobs, context);
  await dropMissing(pass, jobs, context);
  let failure: unknown;
  try {
    await startDue(pass, schedule, context);
  } catch (thrown) {
    failure = thrown;
  }
  for (const job of await cleanUpHistory(cronJob, jobs, context)) dropActive(pass, job.metadata.uid);
  await writeStatus(pass, context);
  if (failure !== undefined && !isNamespaceTerminating(failure)) throw failure;
  const isAsleep = typeof schedule === "string" || cronJob.spec.suspend || cronJob.metadata.deletionTimestamp;
  if (isAsleep) return undefined;
  const { lastScheduleTime: started } = pass;
  return nextLook(started ? { ...cronJob, status: { lastScheduleTime: started } } : cronJob, schedule, context);
}

function tellEnded(pass: CronPass, jobs: readonly Job[], { events }: ReconcileContext): void {
  for (const job of jobs) {
    const { name, uid } = job.metadata;
    const isListed = pass.active.some((reference) => reference.uid === uid);
    if (!isFinishedJob(job)) {
      if (isListed) continue;
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      events.record(pass.cronJob, { type: "Warning", reason: "UnexpectedJob", message });
      continue;
    }
    const hasSucceeded = trueCondition(job.status?.conditions, "Complete") !== undefined;
    if (isListed) {
      dropActive(pass, uid);
      const message = `Saw completed job: ${name}, condition: ${hasSucceeded ? "Complete" : "Failed"}`;
      events.record(pass.cronJob, { type: "Normal", reason: "SawCompletedJob", message });
    }
    const { completionTime } = job.status ?? {};
    const isLater =
      pass.lastSuccessfulTime === undefined || Date.parse(completionTime ?? "") > Date.parse(pass.lastSuccessfulTime);
    if (hasSucceeded && completionTime !== undefined && isLater) pass.lastSuccessfulTime = completionTime;
  }
}

function dropActive(pass: CronPass, uid: string | undefined): void {
  pass.active = pass.active.filter((reference) => reference.uid !== uid);
}

async function dropMissing(pass: CronPass, jobs: readonly Job[], context: ReconcileContext): Promise<void> {
  const { client, events, signal } = context;
  const present = new Set(jobs.map(({ metadata }) => metadata.uid));
  for (const { name = "", namespace, uid } of pass.active.filter((reference) => !present.has(reference.uid))) {
    try {
      // The cache may be behind.
      await client.get(Job, { name, namespace }, { signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
      const message = `Active job went missing: ${name}`;
      events.record(pass.cronJob, { type: "Normal", reason: "MissingJob", message });
      dropActive(pass, uid);
    }
  }
}

async function startDue(pass: CronPass, schedule: Schedule | string, context: ReconcileContext): Promise<void> {
  const { cronJob } = pass;
  const { spec, metadata } = cronJob;
  const { clock, events } = context;
  const tell = (type: "Normal" | "Warning", reason: string, message: string) =>
    events.record(cronJob, { type, reason, message });
  if (metadata.deletionTimestamp !== undefined || spec.suspend) return;
  if (typeof schedule === "string") {
    tell("Warning", "UnparseableSchedule", `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${schedule}`);
    return;
  }
  if (schedule.timeZone !== undefined) {
    const where = "see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details";
    const text = `CRON_TZ or TZ used in schedule ${JSON.stringify(spec.schedule)} is not officially supported`;
    tell("Warning", "UnsupportedSchedule", `${text}, ${where}`);
  }
  const due = dueTimes(cronJob, schedule, clock.now());
  if (due === "never") {
    const text = "time difference between two schedules is less than 1 second";
    tell("Warning", "InvalidSchedule", `invalid schedule: ${spec.schedule} : ${text}`);
    return;
  }
  if (due.dueMs === undefined) return;
  if (due.count > STARTS_MANY) {
    const text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
    tell("Warning", "TooManyMissedTimes", text);
  }
  const deadline = spec.startingDeadlineSeconds;
  if (deadline !== undefined && due.dueMs + deadline * 1000 < clock.now()) {
    const time = new Date(due.dueMs).toUTCString().replace("GMT", "+0000");
    tell("Warning", "MissSchedule", `Missed scheduled time to start a job: ${time}`);
    return;
  }
  await startAt(pass, due.dueMs, context);
}

async function startAt(pass: CronPass, dueMs: number, context: ReconcileContext): Promise<void> {
  const { cronJob } = pass;
  const { client, events, signal } = context;
  const wanted = jobAt(cronJob, dueMs);
  const isStarted = pass.active.some(({ name }) => name === wanted.metadata.name);
  if (isStarted || pass.lastScheduleTime === formatTime(dueMs)) return;
  if (cronJob.spec.concurrencyPolicy === "Forbid" && pass.active.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    events.record(cronJob, { type: "Normal", reason: "JobAlreadyActive", message });
    return;
  }
  if (cronJob.spec.concurrencyPolicy === "Replace") await deleteActive(pass, context);
  let job: Job;
  try {
    job = await client.create(Job, wanted, { signal });
    const message = `Created job ${job.metadata.name}`;
    events.record(cronJob, { type: "Normal", reason: "SuccessfulCreate", message });
  } catch (thrown) {
    if (!hasReason(thrown, "AlreadyExists")) {
      const message = `Error creating job: ${describeError(thrown)}`;
      if (!isNamespaceTerminating(thrown)) events.record(cronJob, { type: "Warning", reason: "FailedCreate", message });
      throw thrown;
    }
    // Made before, and the record of it lost; or somebody else's, who then has a record of it.
    job = await client.get(Job, nameOf(wanted), { signal });
    if (controllerOf(job)?.uid !== cronJob.metadata.uid) return;
  }
  const { name = "", namespace = "", uid = "", resourceVersion = "" } = job.metadata;
  const reference = { kind: Job.kind, namespace, name, uid, apiVersion: apiVersionOf(Job), resourceVersion };
  pass.active.push(reference);
  pass.lastScheduleTime = formatTime(dueMs);
}

async function deleteActive(pass: CronPass, context: ReconcileContext): Promise<void> {
  const { client, events, signal } = context;
  for (const { name = "", namespace, uid } of [...pass.active]) {
    let job: Job;
    try {
      job = await client.get(Job, { name, namespace }, { signal });
    } catch (thrown) {
      events.record(pass.cronJob, {
        type: "Warning",
        reason: "FailedGet",
        message: `Get job: ${describeError(thrown)}`,
      });
      throw thrown;
    }
    await deleteJob(pass.cronJob, job, context);
    dropActive(pass, uid);
  }
}

const MINUTE_MS = 60_000;

function jobAt(cronJob: CronJob, dueMs: number): Job {
  const { jobTemplate, timeZone } = cronJob.spec;
  const { labels, annotations } = jobTemplate.metadata ?? {};
  const { name, namespace } = cronJob.metadata;
  return {
    metadata: {
      name: `${name}-${Math.floor(dueMs / MINUTE_MS)}`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, [SCHEDULED_TIME_ANNOTATION]: formatInZone(dueMs, timeZone) },
      ownerReferences: [controllerReference(CronJob, cronJob)],
    },
    spec: jobTemplate.spec ?? { template: {} },
  };
}

async function writeStatus(pass: CronPass, { client, signal }: ReconcileContext): Promise<void> {
  const { cronJob, active, lastScheduleTime, lastSuccessfulTime } = pass;
  const status = {
    ...(active.length > 0 ? { active } : {}),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
  const { status: old = {} } = cronJob;
  const isSame =
    old.lastScheduleTime === lastScheduleTime &&
    old.lastSuccessfulTime === lastSuccessfulTime &&
    uidsOf(old.active) === uidsOf(active);
  if (!isSame) await client.update(CronJob, { ...cronJob, status }, { subresource: "status", signal });
}

function uidsOf(references: readonly ObjectReference[] = []): string {
  return references.map(({ uid }) => uid).join(" ");
}
