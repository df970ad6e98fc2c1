import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "../client/memory-api.ts";
import { ControllerRunner } from "./controller-runner.ts";
import { type ControllerDefinition, TerminalError, defineController } from "./controller.ts";
import { InformerSet } from "./informer-set.ts";

const Parent: Resource<ParentObject> = {
  group: "",
  version: "v1",
  kind: "Parent",
  plural: "parents",
  scope: "Namespaced",
};
const Child: Resource = { group: "", version: "v1", kind: "Child", plural: "children", scope: "Namespaced" };

interface ParentObject extends KubeObject {
  spec?: { children: number };
}

function start(t: { after: (hook: () => void) => void }, ...definitions: ControllerDefinition[]) {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const api = new MemoryApi({ clock, random });
  const world = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(world);
  const runner = new ControllerRunner({ ...world, informers, eventsFor: () => ({ record: () => {} }) }, definitions);
  const controller = new AbortController();
  t.after(() => controller.abort());
  const running = Promise.all([informers.run(controller.signal), runner.run(controller.signal)]);
  return { clock, api, controller, running, runner };
}

/** Makes as many children as the parent asks for, counting what the cache shows. */
const makeChildren = defineController({
  name: "children",
  watches: [
    { resource: Parent },
    {
      resource: Child,
      keysOf: (child: KubeObject) =>
        child.metadata.ownerReferences?.map(({ name }) => ({ name, namespace: child.metadata.namespace })) ?? [],
    },
  ],
  owns: ["Child"],
  async reconcile(key, { client, cache }) {
    const parent = cache.of(Parent).get(key);
    if (!parent) return;
    const missing = (parent.spec?.children ?? 0) - cache.of(Child).ownedBy(parent.metadata.uid ?? "").length;
    const { name = "", uid = "" } = parent.metadata;
    for (let index = 0; index < missing; index++) {
      await client.create(Child, {
        metadata: {
          generateName: "c-",
          namespace: "default",
          ownerReferences: [{ apiVersion: "v1", kind: "Parent", name, uid }],
        },
      });
    }
    const [surplus] = missing < 0 ? cache.of(Child).ownedBy(uid) : [];
    if (surplus) await client.delete(Child, { name: surplus.metadata.name ?? "", namespace: "default" });
  },
});

test("makes each child once although every child's own change wakes its parent", async (t) => {
  const { clock, api } = start(t, makeChildren);
  await api.create(Parent, { metadata: { name: "p", namespace: "default" }, spec: { children: 50 } });
  await clock.advance(10);
  assert.equal((await api.list(Child)).items.length, 50);
  await api.patch(Parent, { name: "p", namespace: "default" }, { type: "merge", body: { spec: { children: 20 } } });
  await clock.advance(5000);
  assert.equal((await api.list(Child)).items.length, 20);
});

test("tries again with back-off after a failure and goes on after a success", async (t) => {
  const { clock, api } = start(t, makeChildren);
  for (let failure = 0; failure < 3; failure++) api.failNext("create", "children", new Error("no"));
  await clock.advance(0);
  await api.create(Parent, { metadata: { name: "p", namespace: "default" }, spec: { children: 1 } });
  await clock.advance(14);
  assert.equal((await api.list(Child)).items.length, 0);
  await clock.advance(100);
  assert.equal((await api.list(Child)).items.length, 1);
});

test("leaves a hopeless key alone until something changes", async (t) => {
  let calls = 0;
  const hopeless = defineController({
    name: "hopeless",
    watches: [{ resource: Parent }],
    owns: [],
    reconcile: async () => {
      calls++;
      throw new TerminalError("cannot be mended");
    },
  });
  const { clock, api } = start(t, hopeless);
  await api.create(Parent, { metadata: { name: "p", namespace: "default" } });
  await clock.advance(3_600_000);
  assert.equal(calls, 1);
  await api.patch(Parent, { name: "p", namespace: "default" }, { type: "merge", body: { spec: { children: 3 } } });
  await clock.advance(0);
  assert.equal(calls, 2);
});

test("looks again after the time a controller asked for", async (t) => {
  const clockReadings: number[] = [];
  const patient = defineController({
    name: "patient",
    watches: [{ resource: Parent }],
    owns: [],
    reconcile: async (_key, { clock }) => {
      clockReadings.push(clock.now());
      return { requeueAfterMs: 1000 };
    },
  });
  const { clock, api } = start(t, patient);
  await api.create(Parent, { metadata: { name: "p", namespace: "default" } });
  await clock.advance(3500);
  assert.equal(clockReadings.length, 4);
});

test("refuses two controllers that own the same field, or a field within the other's", () => {
  const owner = (name: string, field: string) =>
    defineController({ name, watches: [], owns: [field], reconcile: async () => undefined });
  const run = (...fields: string[]) => {
    const clock = new VirtualClock();
    const world = {
      client: new MemoryApi({ clock, random: seededRandom(1) }),
      clock,
      random: seededRandom(1),
      log: silentLogger,
    };
    return new ControllerRunner(
      { ...world, informers: new InformerSet(world), eventsFor: () => ({ record: () => {} }) },
      fields.map((field, index) => owner(`c${index}`, field)),
    );
  };
  assert.throws(() => run("Pod.status", "Pod.status"), /both own "Pod.status"/);
  assert.throws(() => run("Pod.status", "Pod.status.phase"), /both own/);
  run("Pod", "Pod.spec.nodeName", "Pod.spec.nodeNames");
});

test("ends when its signal aborts, with nothing left on the clock", async (t) => {
  const { clock, api, controller, running } = start(t, makeChildren);
  api.failNext("create", "children", new Error("no"));
  await api.create(Parent, { metadata: { name: "p", namespace: "default" }, spec: { children: 1 } });
  await clock.advance(1);
  controller.abort();
  await running;
  assert.equal(clock.pendingTimers, 0);
});

test("gathers the changes of a source that asks for it into one pass", async (t) => {
  const passes: number[] = [];
  const { clock, api } = start(
    t,
    defineController({
      name: "gatherer",
      watches: [{ resource: Parent, gatherMs: 100 }],
      owns: [],
      async reconcile(_key, context) {
        passes.push(context.clock.now());
        return undefined;
      },
    }),
  );
  await clock.advance(0);
  const startMs = clock.now();
  const made = await api.create(Parent, { metadata: { name: "p", namespace: "default" }, spec: { children: 0 } });
  await clock.advance(50);
  await api.update(Parent, { ...made, spec: { children: 1 } });
  await clock.advance(1000);
  assert.deepEqual(passes, [startMs + 100]);
});
