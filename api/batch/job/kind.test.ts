import assert from "node:assert/strict";
import { test } from "node:test";
import { type Job, jobKind } from "./kind.ts";

const PODS = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "x" }] } };
const STARTED = "2026-01-01T00:00:00Z";

function complete(job: Job): Job {
  jobKind.applyDefaults?.(job);
  jobKind.prepareForCreate?.(job);
  return job;
}

function makeJob(spec: Partial<Job["spec"]> = {}): Job {
  return complete(structuredClone({ metadata: { name: "a", uid: "u" }, spec: { template: PODS, ...spec } }));
}

function withStatus(job: Job, status: NonNullable<Job["status"]>): Job {
  return { ...structuredClone(job), status };
}

const fields = (faults: readonly { readonly field: string }[] | undefined) => faults?.map(({ field }) => field);

test("of an unknown mode only that is said", () => {
  const job = makeJob({ completionMode: "x", backoffLimitPerIndex: 1, maxFailedIndexes: 1 });
  assert.deepEqual(fields(jobKind.validateCreate?.(job)), ["spec.completionMode"]);
});

test("a job that says nothing of its labels has those of its pods", () => {
  const labelsOf = (labels: Record<string, string> | undefined, own?: Record<string, string>) => {
    const template = { metadata: labels ? { labels } : {}, spec: structuredClone(PODS.spec) };
    const metadata = { name: "a", uid: "u", ...(own ? { labels: own } : {}) };
    return complete({ metadata, spec: { template } }).metadata.labels;
  };
  const generated = {
    ...{ "controller-uid": "u", "job-name": "a" },
    ...{ "batch.kubernetes.io/controller-uid": "u", "batch.kubernetes.io/job-name": "a" },
  };
  assert.deepEqual(labelsOf(undefined), generated);
  assert.deepEqual(labelsOf({ app: "x" }), { ...generated, app: "x" });
  assert.deepEqual(labelsOf({ app: "x" }, { app: "x" }), { app: "x" });
});

test("a job's pods are told apart by its UID and name, and its end is final", () => {
  const job = makeJob();
  assert.deepEqual(job.spec.selector, { matchLabels: { "batch.kubernetes.io/controller-uid": "u" } });
  const condition = (type: string) => ({ type, status: "True" });
  const done = withStatus(job, {
    startTime: STARTED,
    completionTime: "2026-01-01T00:01:00Z",
    succeeded: 1,
    conditions: [condition("SuccessCriteriaMet"), condition("Complete")],
  });
  assert.deepEqual(jobKind.validateStatusUpdate?.(done, job), []);
  const undone = withStatus(job, { startTime: STARTED });
  const faults = fields(jobKind.validateStatusUpdate?.(undone, done));
  assert.deepEqual(faults, ["status.conditions", "status.succeeded", "status.conditions"]);
});

test("where a suspended job's pods may run is open until they do", () => {
  const job = makeJob({ suspend: true });
  const moved = structuredClone(job);
  Object.assign(moved.spec.template.spec ?? {}, { nodeSelector: { zone: "a" } });
  assert.deepEqual(jobKind.validateUpdate?.(moved, job), []);
  const status = { active: 1, startTime: STARTED };
  const faults = fields(jobKind.validateUpdate?.(withStatus(moved, status), withStatus(job, status)));
  assert.deepEqual(faults, ["spec.template"]);
});

test("only a write that changes a count is judged by it", () => {
  const running = withStatus(makeJob(), { active: 1, startTime: STARTED });
  const wrong = withStatus(running, { startTime: STARTED, ready: 2, active: 1 });
  assert.deepEqual(jobKind.validateStatusUpdate?.(wrong, wrong), []);
  assert.deepEqual(fields(jobKind.validateStatusUpdate?.(wrong, running)), ["status.ready"]);
});
