import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "@atoll/api/batch/job/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { JobSpec, PodStatus } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";
import { ApiError } from "@atoll/machinery/object/api-error";
import { job } from "./job.ts";
import { COMPLETION_INDEX, INDEX_FAILURES_ANNOTATION, isTracked } from "./job-pods.ts";
import { jobPodRelease } from "./job-pod-release.ts";
import { startWorld } from "./test-world.ts";

const NAME = { name: "work", namespace: "default" };
const LABELS = { "batch.kubernetes.io/controller-uid": "u" };

function start(t: { after: (hook: () => void) => void }) {
  const world = startWorld(t, [job(), jobPodRelease]);
  const { api, clock } = world;
  const get = () => api.get(Job, NAME);
  const conditions = async () =>
    (await get()).status?.conditions?.filter(({ status }) => status === "True").map(({ type }) => type);
  const finish = async (pod: Pod, status: PodStatus) => {
    const terminated = { exitCode: status.phase === "Succeeded" ? 0 : 1, finishedAt: formatTime(clock.now()) };
    const containerStatuses = [
      { name: "c", image: "i", imageID: "", ready: false, restartCount: 0, state: { terminated } },
    ];
    await api.update(Pod, { ...pod, status: { containerStatuses, ...status } }, { subresource: "status" });
  };
  /** Pods that run, as far as the job is concerned. */
  const running = async () => (await world.pods()).filter(({ status }) => status?.phase === undefined);
  const finishAll = async (phase: "Succeeded" | "Failed") => {
    for (const pod of await running()) await finish(pod, { phase });
  };
  const settle = () => clock.advance(500);
  return { ...world, get, conditions, finish, finishAll, running, settle };
}

function work(spec: Partial<JobSpec>): Job {
  return {
    metadata: { ...NAME },
    spec: {
      parallelism: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] },
      },
      ...spec,
    },
  };
}

const indexOf = ({ metadata }: Pod) => Number(metadata.annotations?.[COMPLETION_INDEX]);

test("runs no more at a time than asked for, until enough have succeeded, and says how it ended", async (t) => {
  const { api, get, pods, running, finishAll, settle, events } = start(t);
  await api.create(Job, work({ parallelism: 2, completions: 3 }));
  await settle();
  assert.equal((await running()).length, 2);
  assert.ok((await running()).every(isTracked));
  assert.deepEqual((await get()).status?.active, 2);
  await finishAll("Succeeded");
  await settle();
  assert.deepEqual([(await get()).status?.succeeded, (await running()).length], [2, 1]);
  await finishAll("Succeeded");
  await settle();
  const { status } = await get();
  assert.deepEqual(
    status?.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ["SuccessCriteriaMet", "True", "CompletionsReached"],
      ["Complete", "True", "CompletionsReached"],
    ],
  );
  assert.ok(status?.completionTime);
  assert.deepEqual([status?.succeeded, status?.active, status?.ready, status?.terminating], [3, undefined, 0, 0]);
  assert.deepEqual(status?.uncountedTerminatedPods, {});
  assert.equal((await pods()).some(isTracked), false);
  assert.ok(events.includes("Normal Completed work: Job completed"));
});

test("makes 500 pods in one pass, and writes the status twice at most", async (t) => {
  const { api, get, pods, settle } = start(t);
  await api.create(Job, work({ parallelism: 500, completions: 500 }));
  await settle();
  assert.equal((await pods()).length, 500);
  assert.equal((await get()).status?.active, 500);
  assert.ok(api.writes.filter((write) => write.startsWith("update jobs")).length <= 2);
});

test("counts each failure once, though the writes in between fail", async (t) => {
  const { clock, api, get, running, finishAll, settle } = start(t);
  await api.create(Job, work({ parallelism: 3, completions: 3 }));
  await settle();
  await finishAll("Failed");
  for (let time = 0; time < 2; time++) api.failNext("patch", "pods", new ApiError("ServiceUnavailable", "down"));
  api.failNext("update", "jobs", new ApiError("ServiceUnavailable", "down"));
  await clock.advance(9000);
  const { status } = await get();
  assert.deepEqual([status?.failed, status?.uncountedTerminatedPods], [3, {}]);
  assert.equal((await running()).length, 0, "the pause after a failure");
  await clock.advance(40_000);
  assert.equal((await running()).length, 3);
});

test("gives up when more pods failed than allowed, and waits for the rest to be gone", async (t) => {
  const { clock, api, get, conditions, finish, running, settle, events } = start(t);
  await api.create(Job, work({ parallelism: 2, completions: 2, backoffLimit: 0 }));
  await settle();
  const [first, second] = await running();
  assert.ok(first && second);
  const host = { name: second.metadata.name ?? "", namespace: "default" };
  await api.patch(Pod, host, { type: "merge", body: { spec: { nodeName: "h" } } });
  await finish(first, { phase: "Failed" });
  await settle();
  assert.deepEqual(await conditions(), ["FailureTarget"]);
  assert.equal((await get()).status?.terminating, 1);
  await api.delete(Pod, host, { gracePeriodSeconds: 0 });
  await clock.advance(2000);
  assert.deepEqual(await conditions(), ["FailureTarget", "Failed"]);
  assert.equal((await get()).status?.failed, 2);
  assert.ok(events.includes("Warning BackoffLimitExceeded work: Job has reached the specified backoff limit"));
});

test("ends at its deadline, which does not run while the job is suspended", async (t) => {
  const { clock, api, get, conditions, running } = start(t);
  await api.create(Job, work({ activeDeadlineSeconds: 60, suspend: true }));
  await clock.advance(100_000);
  assert.deepEqual([(await running()).length, await conditions()], [0, ["Suspended"]]);
  assert.equal((await get()).status?.startTime, undefined);
  await api.patch(Job, NAME, { type: "merge", body: { spec: { suspend: false } } });
  await clock.advance(30_000);
  assert.deepEqual([(await running()).length, await conditions()], [1, []]);
  await clock.advance(31_000);
  assert.deepEqual(await conditions(), ["FailureTarget", "Failed"]);
  assert.equal((await get()).status?.conditions?.at(-1)?.reason, "DeadlineExceeded");
});

test("takes the pods of a suspended job away without counting them", async (t) => {
  const { api, get, pods, running, settle } = start(t);
  await api.create(Job, work({ parallelism: 2, completions: 4 }));
  await settle();
  await api.patch(Job, NAME, { type: "merge", body: { spec: { suspend: true } } });
  await settle();
  assert.deepEqual([(await pods()).length, (await get()).status?.failed], [0, undefined]);
  await api.patch(Job, NAME, { type: "merge", body: { spec: { suspend: false } } });
  await settle();
  assert.equal((await running()).length, 2);
});

test("gives each index one pod that knows it, and remembers which are done", async (t) => {
  const { api, get, running, finish, finishAll, settle, conditions } = start(t);
  await api.create(Job, work({ parallelism: 3, completions: 5, completionMode: "Indexed" }));
  await settle();
  const first = await running();
  assert.deepEqual(first.map(indexOf).sort(), [0, 1, 2]);
  const pod = first.find((candidate) => indexOf(candidate) === 1);
  assert.equal(pod?.spec.hostname, "work-1");
  assert.match(pod?.metadata.name ?? "", /^work-1-/);
  assert.deepEqual(pod?.spec.containers[0]?.env, [
    {
      name: "JOB_COMPLETION_INDEX",
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
    },
  ]);
  await finishAll("Succeeded");
  await settle();
  assert.equal((await get()).status?.completedIndexes, "0-2");
  const four = (await running()).find((candidate) => indexOf(candidate) === 4);
  assert.ok(four);
  await finish(four, { phase: "Succeeded" });
  await settle();
  assert.deepEqual([(await get()).status?.completedIndexes, (await get()).status?.succeeded], ["0-2,4", 4]);
  await finishAll("Succeeded");
  await settle();
  assert.deepEqual(await conditions(), ["SuccessCriteriaMet", "Complete"]);
});

test("fails an index after its own limit, with the failures told to its next pod, and goes on with the others", async (t) => {
  const { clock, api, get, running, finish, finishAll, conditions } = start(t);
  const spec = { completions: 2, parallelism: 2, completionMode: "Indexed", backoffLimitPerIndex: 1, backoffLimit: 99 };
  await api.create(Job, work(spec));
  await clock.advance(500);
  for (const failures of ["0", "1"]) {
    const pod = (await running()).find((candidate) => indexOf(candidate) === 0);
    assert.equal(pod?.metadata.annotations?.[INDEX_FAILURES_ANNOTATION], failures);
    if (pod) await finish(pod, { phase: "Failed" });
    await clock.advance(15_000);
  }
  assert.equal((await get()).status?.failedIndexes, "0");
  assert.deepEqual((await running()).map(indexOf), [1]);
  await finishAll("Succeeded");
  await clock.advance(500);
  assert.deepEqual(await conditions(), ["FailureTarget", "Failed"]);
  const { status } = await get();
  assert.deepEqual([status?.failed, status?.succeeded, status?.completedIndexes], [2, 1, "1"]);
  assert.equal(status?.conditions?.at(-1)?.reason, "FailedIndexes");
});

test("follows the failure policy: ignores, fails an index, fails the job with the reason", async (t) => {
  const { clock, api, get, running, finish, conditions } = start(t);
  const rules = [
    { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    { action: "FailJob", onExitCodes: { operator: "In", values: [1] } },
  ];
  await api.create(Job, work({ completions: 1, podFailurePolicy: { rules }, podReplacementPolicy: "Failed" }));
  await clock.advance(500);
  const [evicted] = await running();
  assert.ok(evicted);
  await finish(evicted, { phase: "Failed", conditions: [{ type: "DisruptionTarget", status: "True" }] });
  await clock.advance(15_000);
  assert.equal((await get()).status?.failed, undefined);
  const [failing] = await running();
  assert.ok(failing);
  await finish(failing, { phase: "Failed" });
  await clock.advance(500);
  assert.deepEqual(await conditions(), ["FailureTarget", "Failed"]);
  const { reason, message } = (await get()).status?.conditions?.at(-1) ?? {};
  assert.equal(reason, "PodFailurePolicy");
  const where = `Container c for pod default/${failing.metadata.name}`;
  assert.equal(message, `${where} failed with exit code 1 matching FailJob rule at index 1`);
});

test("ends early when a success policy is met, and stops the rest", async (t) => {
  const { api, get, running, finish, settle, conditions } = start(t);
  const successPolicy = { rules: [{ succeededIndexes: "1-2", succeededCount: 1 }] };
  await api.create(Job, work({ completions: 3, parallelism: 3, completionMode: "Indexed", successPolicy }));
  await settle();
  const pod = (await running()).find((candidate) => indexOf(candidate) === 2);
  if (pod) await finish(pod, { phase: "Succeeded" });
  await settle();
  await settle();
  assert.deepEqual(await conditions(), ["SuccessCriteriaMet", "Complete"]);
  const { status } = await get();
  assert.deepEqual([status?.completedIndexes, status?.failed, (await running()).length], ["2", undefined, 0]);
  assert.equal(status?.conditions?.[0]?.message, "Matched rules at index 0");
});

test("waits for a deleted pod to end where only failed ones are replaced", async (t) => {
  const { api, get, running, pods, settle } = start(t);
  await api.create(Job, work({ podReplacementPolicy: "Failed", completions: 1 }));
  await settle();
  const [pod] = await running();
  const name = { name: pod?.metadata.name ?? "", namespace: "default" };
  await api.patch(Pod, name, { type: "merge", body: { spec: { nodeName: "h" } } });
  await api.delete(Pod, name);
  await settle();
  assert.deepEqual([(await pods()).length, (await get()).status?.terminating], [1, 1]);
});

test("takes in a pod that matches, and frees it when it no longer does", async (t) => {
  const { api, pods, settle } = start(t);
  const loose = { metadata: { name: "loose", namespace: "default", labels: LABELS }, spec: { containers: [] } };
  await api.create(Pod, loose);
  await api.create(Job, work({ completions: 1 }));
  await settle();
  const [adopted] = await pods();
  assert.deepEqual([(await pods()).length, adopted && isTracked(adopted)], [1, true]);
  assert.equal(adopted?.metadata.ownerReferences?.[0]?.kind, "Job");
  const body = { metadata: { labels: { "batch.kubernetes.io/controller-uid": "x" } } };
  await api.patch(Pod, { name: "loose", namespace: "default" }, { type: "merge", body });
  await settle();
  const freed = await api.get(Pod, { name: "loose", namespace: "default" });
  assert.deepEqual([freed.metadata.ownerReferences, freed.metadata.finalizers], [undefined, undefined]);
  assert.equal((await pods()).length, 2);
});

test("leaves a job alone that somebody else manages", async (t) => {
  const { api, pods, get, settle } = start(t);
  await api.create(Job, work({ managedBy: "example.com/queue" }));
  await settle();
  assert.deepEqual([(await pods()).length, (await get()).status], [0, undefined]);
});

test("lets the pods of a deleted job go", async (t) => {
  const { api, pods, running, settle } = start(t);
  await api.create(Job, work({ completions: 1 }));
  await settle();
  const [pod] = await running();
  await api.delete(Job, NAME);
  await settle();
  const left = (await pods())[0];
  assert.deepEqual([left?.metadata.name, left?.metadata.finalizers], [pod?.metadata.name, undefined]);
});
