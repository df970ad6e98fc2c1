import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { formatTime } from "@atoll/base/clock";
import { ApiError } from "@atoll/machinery/object/api-error";
import { replicaSet } from "./replicaset.ts";
import { startWorld } from "./test-world.ts";

function start(t: { after: (hook: () => void) => void }) {
  const world = startWorld(t, [replicaSet]);
  return { ...world, get: () => world.api.get(ReplicaSet, { name: "web", namespace: "default" }) };
}

function web(replicas: number, minReadySeconds = 0): ReplicaSet {
  const labels = { app: "web" };
  return {
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  };
}

function loosePod(name: string, labels: Record<string, string>): Pod {
  return { metadata: { name, namespace: "default", labels }, spec: { containers: [] } };
}

test("makes exactly the pods asked for, a thousand too", async (t) => {
  const { clock, api, pods, get } = start(t);
  await api.create(ReplicaSet, web(1000));
  await clock.advance(5000);
  assert.equal((await pods()).length, 1000);
  assert.equal((await get()).status?.replicas, 1000);
  assert.equal(api.writes.filter((write) => write.startsWith("create pods")).length, 1000);
});

test("counts many pods that become ready at once in few passes", async (t) => {
  const { clock, api, pods, get } = start(t);
  await api.create(ReplicaSet, web(100));
  await clock.advance(5000);
  const before = api.writes.length;
  const made = await pods();
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime: formatTime(clock.now()) }];
  for (const pod of made) {
    await api.update(Pod, { ...pod, status: { ...pod.status, conditions } }, { subresource: "status" });
    await clock.advance(0);
  }
  await clock.advance(5000);
  assert.equal((await get()).status?.readyReplicas, 100);
  const counts = api.writes.slice(before).filter((write) => write.includes("replicasets"));
  assert.ok(counts.length <= 2, `the status was written ${counts.length} times`);
});

test("adopts matching pods without an owner and lets go of those that no longer match", async (t) => {
  const { clock, api, pods } = start(t);
  await api.create(Pod, loosePod("orphan", { app: "web" }));
  await api.create(Pod, loosePod("stranger", { app: "db" }));
  await api.create(ReplicaSet, web(1));
  await clock.advance(1000);
  assert.deepEqual(
    (await pods()).map(({ metadata }) => [metadata.name, metadata.ownerReferences?.[0]?.name]),
    [
      ["orphan", "web"],
      ["stranger", undefined],
    ],
  );
  const body = { metadata: { labels: { app: "quarantine" } } };
  await api.patch(Pod, { name: "orphan", namespace: "default" }, { type: "merge", body });
  await clock.advance(1000);
  const released = await api.get(Pod, { name: "orphan", namespace: "default" });
  assert.equal(released.metadata.ownerReferences, undefined);
  assert.equal((await pods()).length, 3);
});

test("replaces a failed pod and counts neither it nor one on its way out", async (t) => {
  const { clock, api, pods, get } = start(t);
  await api.create(ReplicaSet, web(1));
  await clock.advance(1000);
  const [first] = await pods();
  assert.ok(first);
  await api.update(Pod, { ...first, status: { phase: "Failed" } }, { subresource: "status" });
  await clock.advance(1000);
  assert.equal((await pods()).length, 2);
  assert.equal((await get()).status?.replicas, 1);
});

test("says ReplicaFailure when pods are refused, stops after one, and clears it when they are not", async (t) => {
  const { clock, api, pods, get } = start(t);
  await clock.advance(0);
  for (let time = 0; time < 3; time++) api.failNext("create", "pods", new ApiError("Forbidden", "exceeded quota"));
  await api.create(ReplicaSet, web(50));
  await clock.advance(1);
  const condition = (await get()).status?.conditions?.[0];
  assert.deepEqual(
    [condition?.type, condition?.reason, condition?.message],
    ["ReplicaFailure", "FailedCreate", "exceeded quota"],
  );
  assert.equal((await pods()).length, 0);
  await clock.advance(10_000);
  assert.equal((await pods()).length, 50);
  assert.equal((await get()).status?.conditions, undefined);
});

test("calls a pod available only after it was ready for the time asked for", async (t) => {
  const { clock, api, pods, get } = start(t);
  await api.create(ReplicaSet, web(1, 30));
  await clock.advance(1000);
  const [pod] = await pods();
  assert.ok(pod);
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime: formatTime(clock.now()) }];
  await api.update(Pod, { ...pod, status: { phase: "Running", conditions } }, { subresource: "status" });
  await clock.advance(20_000);
  assert.deepEqual([(await get()).status?.readyReplicas, (await get()).status?.availableReplicas], [1, 0]);
  await clock.advance(11_000);
  assert.equal((await get()).status?.availableReplicas, 1);
});

test("goes down to the size asked for, and once only", async (t) => {
  const { clock, api, pods } = start(t);
  await api.create(ReplicaSet, web(40));
  await clock.advance(1000);
  await api.patch(
    ReplicaSet,
    { name: "web", namespace: "default" },
    { type: "merge", body: { spec: { replicas: 15 } } },
  );
  await clock.advance(5000);
  assert.equal((await pods()).length, 15);
});

test("is careful again with the first pod once one was refused, however many there are", async (t) => {
  const { clock, api, pods } = start(t);
  await api.create(ReplicaSet, web(100));
  await clock.advance(1000);
  for (let time = 0; time < 103; time++) api.failNext("create", "pods", new ApiError("Forbidden", "exceeded quota"));
  const body = { spec: { replicas: 300 } };
  await api.patch(ReplicaSet, { name: "web", namespace: "default" }, { type: "merge", body });
  // A batch of as many as there are, and then one at a time.
  await clock.advance(20);
  assert.equal((await pods()).length, 100);
  await clock.advance(10_000);
  assert.equal((await pods()).length, 300);
});
