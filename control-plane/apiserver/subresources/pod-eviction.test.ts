import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type Json, podOf, TestServer } from "../test-server.ts";

const PODS = "/api/v1/namespaces/default/pods";
const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await server.call("DELETE", `${PODS}?gracePeriodSeconds=0`);
  await server.call("DELETE", BUDGETS);
});

async function runningPod(name: string, isReady: boolean): Promise<void> {
  const pod = podOf(name);
  const body = { ...pod, metadata: { ...pod.metadata, labels: { app: "web" } } };
  const made = await server.call("POST", PODS, { body });
  const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
  const status = { ...made.body.status, phase: "Running", conditions };
  await server.call("PUT", `${PODS}/${name}/status`, { body: { ...made.body, status } });
}

async function budget(name: string, status: object, spec: object = {}): Promise<Json> {
  const selector = { matchLabels: { app: "web" } };
  const made = await server.call("POST", BUDGETS, {
    body: { metadata: { name }, spec: { selector, minAvailable: 1, ...spec } },
  });
  const counts = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  const body = { ...made.body, status: { observedGeneration: 1, ...counts, ...status } };
  return (await server.call("PUT", `${BUDGETS}/${name}/status`, { body })).body;
}

const evict = (name: string, fields: object = {}, query = "") =>
  server.call("POST", `${PODS}/${name}/eviction${query}`, {
    body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name }, ...fields },
  });
const isThere = async (name: string) => (await server.call("GET", `${PODS}/${name}`)).status === 200;

test("evicts a pod that no budget covers, and refuses another name in the body", async () => {
  await runningPod("free", true);
  const other = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "other" } };
  assert.equal((await server.call("POST", `${PODS}/free/eviction`, { body: other })).status, 400);
  assert.equal((await evict("free")).status, 201);
  assert.equal(await isThere("free"), false);
  assert.equal((await evict("free")).status, 404);
});

test("refuses with 429 and the budget's numbers when none may go", async () => {
  await runningPod("kept", true);
  await budget("guard", { currentHealthy: 1, desiredHealthy: 1 });
  const { status, body } = await evict("kept");
  assert.equal(status, 429);
  assert.equal(body.reason, "TooManyRequests");
  assert.equal(body.message, "Cannot evict pod as it would violate the pod's disruption budget.");
  assert.deepEqual(body.details.causes, [
    { reason: "DisruptionBudget", message: "The disruption budget guard needs 1 healthy pods and has 1 currently" },
  ]);
  assert.equal(await isThere("kept"), true);
});

test("takes a granted eviction off the budget, names the pod there, and none of it in a dry run", async () => {
  await runningPod("going", true);
  await budget("guard", { currentHealthy: 2, desiredHealthy: 1, disruptionsAllowed: 1 });
  assert.equal((await evict("going", {}, "?dryRun=All")).status, 201);
  assert.equal((await evict("going", { deleteOptions: { dryRun: ["All"] } })).status, 201);
  assert.equal((await server.call("GET", `${BUDGETS}/guard`)).body.status.disruptionsAllowed, 1);
  assert.equal(await isThere("going"), true);
  assert.equal((await evict("going")).status, 201);
  const { status } = (await server.call("GET", `${BUDGETS}/guard`)).body;
  assert.equal(status.disruptionsAllowed, 0);
  assert.deepEqual(Object.keys(status.disruptedPods), ["going"]);
  assert.deepEqual(
    status.conditions.map(({ type, status }: Json) => [type, status]),
    [["DisruptionAllowed", "False"]],
  );
  assert.equal(await isThere("going"), false);
});

test("grants a single disruption once, however many ask", async () => {
  for (const name of ["a", "b", "c", "d"]) await runningPod(name, true);
  await budget("guard", { currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 1 });
  const answers = await Promise.all(["a", "b", "c", "d"].map((name) => evict(name)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 429, 429, 429]);
});

test("waits for a budget whose numbers are not of now", async () => {
  await runningPod("kept", true);
  await budget("guard", { disruptionsAllowed: 1, observedGeneration: 0 });
  const { status, body, headers } = await evict("kept");
  assert.equal(status, 429);
  assert.equal(body.details.causes[0].message, "The disruption budget guard is still being processed by the server.");
  assert.equal(headers["retry-after"], "10");
});

test("lets a pod go that is not ready where its budget is met, or never minds", async () => {
  await runningPod("ill", false);
  await budget("guard", { currentHealthy: 0, desiredHealthy: 1 });
  assert.equal((await evict("ill")).status, 429);
  await server.call("DELETE", `${BUDGETS}/guard`);
  await budget("guard", { currentHealthy: 1, desiredHealthy: 1 });
  assert.equal((await evict("ill")).status, 201);
  await runningPod("ill", false);
  await server.call("DELETE", `${BUDGETS}/guard`);
  await budget("guard", { currentHealthy: 0, desiredHealthy: 1 }, { unhealthyPodEvictionPolicy: "AlwaysAllow" });
  assert.equal((await evict("ill")).status, 201);
});

test("cannot serve two budgets of one pod", async () => {
  await runningPod("torn", true);
  await budget("one", { disruptionsAllowed: 1 });
  await budget("two", { disruptionsAllowed: 1 });
  const { status, body } = await evict("torn");
  assert.equal(status, 500);
  assert.match(body.message, /^This pod has more than one PodDisruptionBudget/);
});
