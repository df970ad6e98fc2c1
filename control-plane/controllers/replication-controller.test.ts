import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod } from "@atoll/api/core/pod/kind";
import { ReplicationController } from "@atoll/api/core/replication-controller/kind";
import { ApiError } from "@atoll/machinery/object/api-error";
import { replicationController } from "./replication-controller.ts";
import { startWorld } from "./test-world.ts";

const NAME = { name: "web", namespace: "default" };

function start(t: { after: (hook: () => void) => void }) {
  const world = startWorld(t, [replicationController]);
  return { ...world, get: () => world.api.get(ReplicationController, NAME) };
}

function web(replicas: number): ReplicationController {
  const labels = { app: "web" };
  return {
    metadata: { ...NAME },
    spec: {
      replicas,
      selector: labels,
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  };
}

test("keeps the number of pods, and says so without a count of those on their way out", async (t) => {
  const { clock, api, pods, get } = start(t);
  await api.create(ReplicationController, web(3));
  await clock.advance(1000);
  assert.equal((await pods()).length, 3);
  const owner = (await pods())[0]?.metadata.ownerReferences?.[0];
  assert.deepEqual([owner?.apiVersion, owner?.kind, owner?.controller], ["v1", "ReplicationController", true]);
  assert.deepEqual((await get()).status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 0,
    availableReplicas: 0,
    observedGeneration: 1,
  });
  await api.patch(ReplicationController, NAME, { type: "merge", body: { spec: { replicas: 1 } } });
  await clock.advance(1000);
  assert.equal((await pods()).length, 1);
});

test("releases a pod whose label no longer matches, and takes in one whose labels do", async (t) => {
  const { clock, api, pods } = start(t);
  await api.create(ReplicationController, web(1));
  await clock.advance(1000);
  const [first] = await pods();
  const name = { name: first?.metadata.name ?? "", namespace: "default" };
  await api.patch(Pod, name, { type: "merge", body: { metadata: { labels: { app: "other" } } } });
  await clock.advance(1000);
  assert.equal((await api.get(Pod, name)).metadata.ownerReferences, undefined);
  assert.equal((await pods()).length, 2);
  await api.patch(Pod, name, { type: "merge", body: { metadata: { labels: { app: "web" } } } });
  await clock.advance(1000);
  assert.equal((await pods()).filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === "web").length, 1);
});

test("surfaces a refused pod as a condition and an event, and takes the condition back", async (t) => {
  const { clock, api, events, get } = start(t);
  await clock.advance(0);
  for (let time = 0; time < 2; time++) api.failNext("create", "pods", new ApiError("Forbidden", "exceeded quota"));
  await api.create(ReplicationController, web(2));
  await clock.advance(1);
  const condition = (await get()).status?.conditions?.[0];
  assert.deepEqual([condition?.type, condition?.status, condition?.reason], ["ReplicaFailure", "True", "FailedCreate"]);
  assert.ok(events.includes("Warning FailedCreate web: Error creating: exceeded quota"));
  await clock.advance(10_000);
  assert.equal((await get()).status?.conditions, undefined);
});
