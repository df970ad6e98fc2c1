import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { PodDisruptionBudgetSpec } from "@atoll/api/generated/types";
import { PodDisruptionBudget } from "@atoll/api/policy/pod-disruption-budget/kind";
import { formatTime } from "@atoll/base/clock";
import { podDisruptionBudget } from "./pod-disruption-budget.ts";
import { staleDisruption } from "./stale-disruption.ts";
import { startWorld } from "./test-world.ts";

const NAME = { name: "guard", namespace: "default" };
const LABELS = { app: "web" };

function start(t: { after: (hook: () => void) => void }) {
  const world = startWorld(t, [podDisruptionBudget, staleDisruption]);
  const { api } = world;
  const guard = (spec: PodDisruptionBudgetSpec) =>
    api.create(PodDisruptionBudget, {
      metadata: { ...NAME },
      spec: { selector: { matchLabels: LABELS }, ...spec },
    });
  const status = async () => (await api.get(PodDisruptionBudget, NAME)).status;
  const counts = async () => {
    const { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed } = (await status()) ?? {};
    return [currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed];
  };
  const set = (replicas: number) =>
    api.create(ReplicaSet, {
      metadata: { name: "web", namespace: "default" },
      spec: { replicas, selector: { matchLabels: LABELS } },
    });
  const pod = async (name: string, isReady: boolean, owner?: ReplicaSet) => {
    const { name: ownerName = "", uid = "" } = owner?.metadata ?? {};
    const reference = { apiVersion: "apps/v1", kind: "ReplicaSet", name: ownerName, uid, controller: true };
    const made = await api.create(Pod, {
      metadata: { name, namespace: "default", labels: LABELS, ...(owner ? { ownerReferences: [reference] } : {}) },
      spec: { containers: [], nodeName: "h" },
    });
    const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
    return api.update(Pod, { ...made, status: { phase: "Running", conditions } }, { subresource: "status" });
  };
  return { ...world, guard, status, counts, set, pod };
}

test("allows as many as are ready above the number that must stay", async (t) => {
  const { clock, guard, pod, counts, status } = start(t);
  await guard({ minAvailable: 1 });
  await pod("one", true);
  await clock.advance(1000);
  assert.deepEqual(await counts(), [1, 1, 1, 0]);
  assert.deepEqual(
    (await status())?.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [["DisruptionAllowed", "False", "InsufficientPods"]],
  );
  await pod("two", true);
  await pod("three", false);
  await clock.advance(1000);
  assert.deepEqual(await counts(), [2, 1, 3, 1]);
  assert.equal((await status())?.conditions?.[0]?.reason, "SufficientPods");
});

test("takes percentages of what the owners want, rounded up", async (t) => {
  const { clock, api, guard, set, pod, counts } = start(t);
  await guard({ maxUnavailable: "30%" });
  const owner = await set(4);
  for (const name of ["a", "b", "c", "d"]) await pod(name, true, owner);
  await clock.advance(1000);
  assert.deepEqual(await counts(), [4, 2, 4, 2]);
  await api.patch(PodDisruptionBudget, NAME, {
    type: "merge",
    body: { spec: { maxUnavailable: null, minAvailable: "60%" } },
  });
  await clock.advance(1000);
  assert.deepEqual(await counts(), [4, 3, 4, 1]);
});

test("allows nothing while an owner cannot be asked, and says why", async (t) => {
  const { clock, api, guard, pod, status, events } = start(t);
  await guard({ maxUnavailable: 1 });
  const stranger = { metadata: { name: "x", uid: "u" }, spec: { selector: {} } };
  await pod("a", true, stranger);
  await clock.advance(1000);
  assert.equal((await status())?.disruptionsAllowed, 0);
  const condition = (await status())?.conditions?.[0];
  assert.deepEqual([condition?.status, condition?.reason], ["False", "SyncFailed"]);
  assert.ok(events.some((event) => event.startsWith("Warning CalculateExpectedPodCountFailed guard")));
  await api.delete(Pod, { name: "a", namespace: "default" }, { gracePeriodSeconds: 0 });
});

test("counts a pod of whatever name, also of one that all objects answer to", async (t) => {
  const { clock, guard, pod, counts, status } = start(t);
  await guard({ minAvailable: 1 });
  await pod("one", true);
  await pod("constructor", true);
  await clock.advance(1000);
  assert.deepEqual(await counts(), [2, 1, 2, 1]);
  assert.equal((await status())?.disruptedPods, undefined);
});

test("counts a pod as going once its eviction is granted, for two minutes", async (t) => {
  const { clock, api, guard, pod, counts, status, events } = start(t);
  await guard({ minAvailable: 1 });
  await pod("one", true);
  await pod("two", true);
  await clock.advance(1000);
  const granted = await api.get(PodDisruptionBudget, NAME);
  const disruptedPods = { one: formatTime(clock.now()), gone: formatTime(clock.now()) };
  await api.update(
    PodDisruptionBudget,
    { ...granted, status: { ...granted.status, disruptionsAllowed: 0, disruptedPods } },
    { subresource: "status" },
  );
  await clock.advance(1000);
  assert.deepEqual(await counts(), [1, 1, 2, 0]);
  assert.deepEqual(Object.keys((await status())?.disruptedPods ?? {}), ["one"]);
  await clock.advance(130_000);
  assert.deepEqual(await counts(), [2, 1, 2, 1]);
  assert.equal((await status())?.disruptedPods, undefined);
  assert.ok(events.some((event) => event.startsWith("Warning NotDeleted one")));
});

test("takes back a disruption that did not come", async (t) => {
  const { clock, api, pod } = start(t);
  const made = await pod("one", true);
  const conditions = [
    {
      type: "DisruptionTarget",
      status: "True",
      reason: "EvictionByEvictionAPI",
      lastTransitionTime: formatTime(clock.now()),
    },
  ];
  await api.update(Pod, { ...made, status: { phase: "Running", conditions } }, { subresource: "status" });
  await clock.advance(100_000);
  const read = async () => (await api.get(Pod, { name: "one", namespace: "default" })).status?.conditions?.[0]?.status;
  assert.equal(await read(), "True");
  await clock.advance(30_000);
  assert.equal(await read(), "False");
});
