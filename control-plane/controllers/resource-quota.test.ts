import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { ResourceQuota } from "@atoll/api/core/resource-quota/kind";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { ServedKinds } from "@atoll/machinery/controller/served-kinds";
import { ResourceQuotaController } from "./resource-quota.ts";

const Definition: Resource = { group: "x.io", version: "v1", kind: "Def", plural: "defs", scope: "Cluster" };
const Widget: Resource = { group: "x.io", version: "v1", kind: "Widget", plural: "widgets", scope: "Namespaced" };
const NAMESPACE = "default";
const named = (name: string) => ({ name, namespace: NAMESPACE });

function start(t: { after: (hook: () => void) => void }, served: readonly Resource[] = [Pod, ConfigMap]) {
  const clock = new VirtualClock();
  const random = seededRandom(5);
  const api = new MemoryApi({ clock, random });
  api.serve(served);
  const controller = new AbortController();
  t.after(() => controller.abort());
  const world = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(world);
  const kinds = new ServedKinds({ ...world, informers, wakers: [Definition] });
  const quotas = new ResourceQuotaController({ ...world, informers, served: kinds });
  void Promise.all([informers, kinds, quotas].map((part) => part.run(controller.signal)));
  const used = async () => (await api.get(ResourceQuota, named("q"))).status?.used;
  const statusWrites = () => api.writes.filter((write) => write.includes("resourcequotas/")).length;
  return { clock, api, used, statusWrites };
}

function quotaOf(hard: Record<string, string>, scopes?: string[]): ResourceQuota {
  return { metadata: named("q"), spec: { hard, ...(scopes ? { scopes } : {}) } };
}

function podOf(name: string, cpu: string, status: Pod["status"] = {}): Pod {
  const containers = [{ name: "c", image: "x", resources: { requests: { cpu } } }];
  return { metadata: named(name), spec: { containers }, status };
}

const objectOf = (name: string): KubeObject => ({ metadata: named(name) });

test("counts what is there at once, and says what the limits are", async (t) => {
  const { clock, api, used } = start(t);
  await api.create(Pod, podOf("a", "500m"));
  await api.create(Pod, podOf("b", "1", { phase: "Failed" }));
  await api.create(ConfigMap, objectOf("c"));
  await clock.advance(100);
  await api.create(ResourceQuota, quotaOf({ pods: "5", cpu: "4", "count/pods": "9", configmaps: "3" }));
  await clock.advance(10);
  const expected = { configmaps: "1", "count/pods": "2", cpu: "500m", pods: "1" };
  assert.deepEqual(await used(), expected);
  const { status } = await api.get(ResourceQuota, named("q"));
  assert.deepEqual(status?.hard, { pods: "5", cpu: "4", "count/pods": "9", configmaps: "3" });
});

test("gives back what goes and what ends, many at once with few counts", async (t) => {
  const { clock, api, used } = start(t);
  for (let index = 0; index < 50; index++) await api.create(Pod, podOf(`p${index}`, "100m"));
  await clock.advance(100);
  await api.create(ResourceQuota, quotaOf({ pods: "100", cpu: "10" }));
  await clock.advance(200);
  assert.deepEqual(await used(), { cpu: "5", pods: "50" });
  const writes = api.writes.length;
  for (let index = 0; index < 40; index++) await api.delete(Pod, named(`p${index}`));
  await api.update(
    Pod,
    { ...(await api.get(Pod, named("p49"))), status: { phase: "Succeeded" } },
    { subresource: "status" },
  );
  await clock.advance(100);
  assert.deepEqual(await used(), { cpu: "900m", pods: "9" });
  assert.ok(api.writes.length - writes <= 41 + 2, "one or two writes of the quota");
});

test("finds what was charged and never made, and what was made and not charged", async (t) => {
  const { clock, api, used } = start(t);
  await api.create(ResourceQuota, quotaOf({ configmaps: "3" }));
  await clock.advance(100);
  const charge = async (count: string) => {
    const quota = await api.get(ResourceQuota, named("q"));
    const status = { ...quota.status, used: { configmaps: count } };
    await api.update(ResourceQuota, { ...quota, status }, { subresource: "status" });
  };
  await charge("2");
  await clock.advance(60_000);
  assert.deepEqual(await used(), { configmaps: "2" }, "nobody counts for a charge alone");
  await clock.advance(5 * 60_000);
  assert.deepEqual(await used(), { configmaps: "0" });
  await api.create(ConfigMap, objectOf("uncharged"));
  await clock.advance(6000);
  assert.deepEqual(await used(), { configmaps: "1" });
});

test("counts only what is in scope, and anew when the limits change", async (t) => {
  const { clock, api, used } = start(t);
  const ending = podOf("ending", "1");
  ending.spec.activeDeadlineSeconds = 10;
  await api.create(Pod, ending);
  await api.create(Pod, podOf("lasting", "2"));
  await api.create(ResourceQuota, quotaOf({ pods: "5", configmaps: "5" }, ["Terminating"]));
  await api.create(ConfigMap, objectOf("c"));
  await clock.advance(200);
  assert.deepEqual(await used(), { configmaps: "0", pods: "1" });
  await api.patch(ResourceQuota, named("q"), {
    type: "merge",
    body: { spec: { hard: { cpu: "9", configmaps: null } } },
  });
  await clock.advance(10);
  assert.deepEqual(await used(), { cpu: "1", pods: "1" });
});

test("counts kinds that come later, and is quiet when nothing changes", async (t) => {
  const { clock, api, used } = start(t);
  await api.create(ResourceQuota, quotaOf({ "count/widgets.x.io": "3" }));
  await clock.advance(100);
  assert.deepEqual(await used(), {}, "nobody knows the kind");
  api.serve([Pod, Widget]);
  await api.create(Widget, objectOf("w"));
  await api.create(Definition, { metadata: { name: "widgets" } });
  await clock.advance(1000);
  assert.deepEqual(await used(), { "count/widgets.x.io": "1" });
  await clock.advance(10_000);
  const writes = api.writes.length;
  await clock.advance(20 * 60_000);
  assert.equal(api.writes.length, writes);
});
