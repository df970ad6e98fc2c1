import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { endedPods } from "./ended-pods.ts";
import { podCollection } from "./pod-collection.ts";
import { startWorld } from "./test-world.ts";

const pod = (name: string, spec: object = {}, metadata: object = {}): Pod => ({
  metadata: { name, namespace: "default", ...metadata },
  spec: { containers: [], ...spec },
});
const name = { name: "p", namespace: "default" };

test("writes down how a pod ended whose Node is gone, then removes it", async (t) => {
  const { clock, api, pods } = startWorld(t, [podCollection()]);
  await api.create(Pod, pod("p", { nodeName: "gone" }, { finalizers: ["example.com/look"] }));
  await clock.advance(30_000);
  assert.equal((await api.get(Pod, name)).metadata.deletionTimestamp, undefined);
  await clock.advance(11_000);
  const { status, metadata } = await api.get(Pod, name);
  assert.equal(status?.phase, "Failed");
  assert.deepEqual(
    status?.conditions?.map(({ type, reason, message }) => [type, reason, message]),
    [["DisruptionTarget", "DeletionByPodGC", "PodGC: node no longer exists"]],
  );
  assert.ok(metadata.deletionTimestamp);
  await api.patch(Pod, name, { type: "merge", body: { metadata: { finalizers: null } } });
  await clock.advance(1000);
  assert.equal((await pods()).length, 0);
});

test("ends the pods on their way out of a host that is out of service", async (t) => {
  const { clock, api, pods } = startWorld(t, [podCollection()]);
  const taints = [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }];
  await api.create(Node, { metadata: { name: "down" }, spec: { taints }, status: { conditions: [] } });
  for (const each of ["p", "stays"]) await api.create(Pod, pod(each, { nodeName: "down" }));
  await api.delete(Pod, name);
  await clock.advance(1000);
  assert.deepEqual(
    (await pods()).map(({ metadata }) => metadata.name),
    ["stays"],
  );
});

test("removes the oldest ended pods above the limit, evicted ones first", async (t) => {
  const { clock, api, pods } = startWorld(t, [endedPods(10)]);
  for (let index = 0; index < 11; index++) {
    const made = pod(`p${index}`);
    const reason = index === 5 ? { reason: "Evicted" } : {};
    await api.create(Pod, { ...made, status: { phase: "Failed", ...reason } });
  }
  await clock.advance(21_000);
  const left = await pods();
  assert.equal(left.length, 10);
  assert.equal(
    left.some(({ metadata }) => metadata.name === "p5"),
    false,
  );
});
