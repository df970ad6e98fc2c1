import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Resource } from "@atoll/api/resource";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { ApiError } from "@atoll/machinery/object/api-error";
import { namespaceDeletion } from "./namespace.ts";

const Widget: Resource = { group: "x.io", version: "v1", kind: "Widget", plural: "widgets", scope: "Namespaced" };

async function start(t: { after: (hook: () => void) => void }) {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const api = new MemoryApi({ clock, random });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  const runner = new ControllerRunner({ ...parts, informers, eventsFor: () => ({ record: () => {} }) }, [
    namespaceDeletion,
  ]);
  void Promise.all([informers.run(stop.signal), runner.run(stop.signal)]);
  api.serve([ConfigMap, Pod, Widget]);
  await api.create(Namespace, { metadata: { name: "team" }, spec: { finalizers: ["kubernetes"] } });
  await clock.advance(100);
  const failures = async () => {
    const { status } = await api.get(Namespace, { name: "team" });
    const conditions = status?.conditions ?? [];
    assert.equal(conditions.length, 5);
    return conditions.filter(({ status }) => status === "True").map(({ type, message }) => `${type}: ${message}`);
  };
  return { clock, api, failures };
}

const named = (name: string, finalizers?: string[]) => ({
  metadata: { name, namespace: "team", ...(finalizers ? { finalizers } : {}) },
});

test("deletes objects of all kinds that are served, then lets the namespace go", async (t) => {
  const { clock, api } = await start(t);
  await api.create(ConfigMap, named("c"));
  await api.create(Widget, named("w"));
  await api.create(Widget, { metadata: { name: "other", namespace: "elsewhere" } });
  await api.delete(Namespace, { name: "team" });
  await clock.advance(1000);
  assert.equal((await api.list(Namespace)).items.length, 0);
  assert.equal((await api.list(ConfigMap)).items.length, 0);
  assert.equal((await api.list(Widget)).items.length, 1);
});

test("deletes pods first, and the rest when they are gone", async (t) => {
  const { clock, api, failures } = await start(t);
  const pod = { ...named("p"), spec: { nodeName: "host", containers: [], terminationGracePeriodSeconds: 30 } };
  await api.create(Pod, pod);
  await api.create(ConfigMap, named("c"));
  await api.delete(Namespace, { name: "team" });
  await clock.advance(5000);
  assert.equal((await api.list(ConfigMap)).items.length, 1);
  assert.deepEqual(await failures(), [
    "NamespaceContentRemaining: Some resources are remaining: pods. has 1 resource instances",
  ]);
  await api.delete(Pod, { name: "p", namespace: "team" }, { gracePeriodSeconds: 0 });
  await clock.advance(100);
  assert.equal((await api.list(Namespace)).items.length, 0);
});

test("says which finalizers it waits for", async (t) => {
  const { clock, api, failures } = await start(t);
  await api.create(Widget, named("a", ["x.io/slow"]));
  await api.create(Widget, named("b", ["x.io/slow", "x.io/slower"]));
  await api.delete(Namespace, { name: "team" });
  await clock.advance(1000);
  assert.deepEqual(await failures(), [
    "NamespaceContentRemaining: Some resources are remaining: widgets.x.io has 2 resource instances",
    "NamespaceFinalizersRemaining: Some content in the namespace has finalizers remaining: " +
      "x.io/slow in 2 resource instances, x.io/slower in 1 resource instances",
  ]);
});

test("one kind that cannot be deleted keeps the namespace, not the other kinds", async (t) => {
  const { clock, api, failures } = await start(t);
  await api.create(ConfigMap, named("c"));
  await api.create(Widget, named("w"));
  const broken = () => api.failNext("deleteCollection", "widgets", new ApiError("InternalError", "webhook is away"));
  for (let attempt = 0; attempt < 3; attempt++) broken();
  await api.delete(Namespace, { name: "team" });
  await clock.advance(0);
  assert.equal((await api.list(ConfigMap)).items.length, 0);
  assert.deepEqual(await failures(), [
    "NamespaceDeletionContentFailure: Failed to delete all resource types, 1 remaining: webhook is away",
  ]);
  await clock.advance(1000);
  assert.equal((await api.list(Namespace)).items.length, 0);
});

test("waits for groups that cannot be asked now", async (t) => {
  const { clock, api, failures } = await start(t);
  api.serve([ConfigMap], { "x.io/v1": "stale GroupVersion discovery: x.io/v1" });
  await api.delete(Namespace, { name: "team" });
  await clock.advance(1000);
  assert.deepEqual(await failures(), [
    "NamespaceDeletionDiscoveryFailure: Discovery failed for some groups, 1 failing: " +
      "unable to retrieve the complete list of server APIs: x.io/v1: stale GroupVersion discovery: x.io/v1",
  ]);
});
