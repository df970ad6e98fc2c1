import assert from "node:assert/strict";
import { test } from "node:test";
import { CronJob } from "@atoll/api/batch/cron-job/kind";
import { Job } from "@atoll/api/batch/job/kind";
import type { CronJobSpec } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";
import { cronJob } from "./cron-job.ts";
import { startWorld } from "./test-world.ts";

const NAME = { name: "tick", namespace: "default" };
const MINUTE = 60_000;

function start(t: { after: (hook: () => void) => void }) {
  const world = startWorld(t, [cronJob()]);
  const { api, clock } = world;
  const jobs = async () => (await api.list(Job)).items;
  const get = () => api.get(CronJob, NAME);
  const finish = async (job: Job, type: "Complete" | "Failed") => {
    const time = formatTime(clock.now());
    const status = {
      startTime: time,
      conditions: [{ type, status: "True" }],
      ...(type === "Complete" ? { completionTime: time } : {}),
    };
    await api.update(Job, { ...job, status }, { subresource: "status" });
  };
  return { ...world, jobs, get, finish };
}

function tick(spec: Partial<CronJobSpec> = {}): CronJob {
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
  return {
    metadata: { ...NAME },
    spec: {
      schedule: "* * * * *",
      concurrencyPolicy: "Allow",
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { metadata: { labels: { a: "b" } }, spec: { template } },
      ...spec,
    },
  };
}

test("makes a job at each time, named after it, and lists those under way", async (t) => {
  const { clock, api, jobs, get, events } = start(t);
  await api.create(CronJob, tick({ timeZone: "Asia/Tokyo" }));
  await clock.advance(MINUTE + 200);
  const [job] = await jobs();
  const dueMs = Math.floor(clock.now() / MINUTE) * MINUTE;
  assert.equal(job?.metadata.name, `tick-${dueMs / MINUTE}`);
  assert.deepEqual(job?.metadata.labels, { a: "b" });
  const time = job?.metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"];
  assert.match(time ?? "", /\+09:00$/);
  assert.equal(Date.parse(time ?? ""), dueMs);
  assert.equal((await get()).status?.lastScheduleTime, formatTime(dueMs));
  await clock.advance(MINUTE);
  assert.equal((await jobs()).length, 2);
  assert.deepEqual(
    (await get()).status?.active?.map(({ kind, name }) => [kind, name]),
    (await jobs()).map(({ metadata }) => ["Job", metadata.name]),
  );
  assert.ok(events.includes(`Normal SuccessfulCreate tick: Created job ${job?.metadata.name}`));
});

test("starts none while suspended, none beside another where that is forbidden, and one instead where it replaces", async (t) => {
  const { clock, api, jobs, events } = start(t);
  const change = (spec: object) => api.patch(CronJob, NAME, { type: "merge", body: { spec } });
  await api.create(CronJob, tick({ suspend: true, concurrencyPolicy: "Forbid" }));
  await clock.advance(3 * MINUTE);
  assert.equal((await jobs()).length, 0);
  await change({ suspend: false });
  await clock.advance(2 * MINUTE);
  const [first] = await jobs();
  assert.equal((await jobs()).length, 1);
  assert.ok(events.some((event) => event.startsWith("Normal JobAlreadyActive tick: Not starting job because prior")));
  await change({ concurrencyPolicy: "Replace" });
  await clock.advance(MINUTE);
  assert.equal((await jobs()).length, 1);
  assert.notEqual((await jobs())[0]?.metadata.uid, first?.metadata.uid);
});

test("keeps as many ended jobs as asked for, and remembers the last success", async (t) => {
  const { clock, api, jobs, get, finish, events } = start(t);
  await api.create(CronJob, tick({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }));
  for (const end of ["Complete", "Failed", "Complete"] as const) {
    await clock.advance(MINUTE + 200);
    const open = (await jobs()).find(({ status }) => !status);
    assert.ok(open);
    await finish(open, end);
  }
  await clock.advance(1000);
  assert.equal((await jobs()).length, 1);
  const { status } = await get();
  assert.equal(status?.active, undefined);
  assert.equal(status?.lastSuccessfulTime, (await jobs())[0]?.status?.completionTime);
  assert.equal(events.filter((event) => event.startsWith("Normal SuccessfulDelete")).length, 2);
  assert.ok(events.some((event) => event.endsWith("condition: Failed")));
});

test("makes up for the last of many missed starts only, and says that they were many", async (t) => {
  const { clock, api, jobs, events } = start(t);
  await api.create(CronJob, tick({ suspend: true }));
  await clock.advance(200 * MINUTE);
  await api.patch(CronJob, NAME, { type: "merge", body: { spec: { suspend: false } } });
  await clock.advance(1000);
  assert.equal((await jobs()).length, 1);
  assert.ok(events.some((event) => event.startsWith("Warning TooManyMissedTimes")));
});

test("lets a start go by that is too late", async (t) => {
  const { clock, api, jobs } = start(t);
  await api.create(CronJob, tick({ suspend: true, schedule: "0 * * * *", startingDeadlineSeconds: 60 }));
  await clock.advance(90 * MINUTE);
  await api.patch(CronJob, NAME, { type: "merge", body: { spec: { suspend: false } } });
  await clock.advance(1000);
  assert.equal((await jobs()).length, 0);
  await clock.advance(30 * MINUTE);
  assert.equal((await jobs()).length, 1);
});

test("does not take a new schedule for one that was missed", async (t) => {
  const { clock, api, jobs } = start(t);
  await api.create(CronJob, tick({ schedule: "0 0 1 1 *" }));
  await clock.advance(150 * MINUTE);
  await api.patch(CronJob, NAME, { type: "merge", body: { spec: { schedule: "0 * * * *" } } });
  await clock.advance(10 * MINUTE);
  assert.equal((await jobs()).length, 0);
  await clock.advance(30 * MINUTE);
  assert.equal((await jobs()).length, 1);
});

test("finds the job again whose record was lost, and does not make it twice", async (t) => {
  const { clock, api, jobs, get } = start(t);
  await api.create(CronJob, tick());
  await clock.advance(MINUTE + 200);
  const made = await get();
  await api.update(CronJob, { ...made, status: {} }, { subresource: "status" });
  await clock.advance(1000);
  assert.equal((await jobs()).length, 1);
  assert.equal((await get()).status?.active?.length, 1);
});
