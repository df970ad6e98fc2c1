import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "../client/memory-api.ts";
import { ControllerRunner } from "./controller-runner.ts";
import { type ControllerDefinition, defineController } from "./controller.ts";
import { InformerSet } from "./informer-set.ts";
import { ServedKinds } from "./served-kinds.ts";

const Definition: Resource = { group: "x.io", version: "v1", kind: "Def", plural: "defs", scope: "Cluster" };
const Widget: Resource = { group: "x.io", version: "v1", kind: "Widget", plural: "widgets", scope: "Namespaced" };
const WidgetBeta: Resource = { ...Widget, version: "v1beta1" };
const name = { name: "a", namespace: "default" };

function start(t: { after: (hook: () => void) => void }, definitions: ControllerDefinition[] = []) {
  const clock = new VirtualClock();
  const random = seededRandom(3);
  const api = new MemoryApi({ clock, random });
  const world = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(world);
  const served = new ServedKinds({ ...world, informers, wakers: [Definition] });
  const runner = new ControllerRunner(
    { ...world, informers, served, eventsFor: () => ({ record: () => {} }) },
    definitions,
  );
  const changes: string[] = [];
  served.subscribe(({ type, resource }) => changes.push(`${type} ${resource.plural} ${resource.version}`));
  const controller = new AbortController();
  t.after(() => controller.abort());
  void Promise.all([informers, served, runner].map((part) => part.run(controller.signal)));
  return { clock, api, informers, served, changes };
}

test("asks again when a waker changes, and tells what came and went", async (t) => {
  const { clock, api, served, changes } = start(t);
  await clock.advance(100);
  api.serve([Widget]);
  await clock.advance(100);
  assert.deepEqual(changes, []);
  await api.create(Definition, { metadata: { name: "widgets" } });
  await clock.advance(100);
  assert.equal(served.find("x.io", "Widget")?.plural, "widgets");
  api.serve([]);
  await api.delete(Definition, { name: "widgets" });
  await clock.advance(100);
  assert.deepEqual(changes, ["served widgets v1", "withdrawn widgets v1"]);
});

test("asks now and then without a cause", async (t) => {
  const { clock, api, changes } = start(t);
  await clock.advance(100);
  api.serve([Widget]);
  await clock.advance(60_000);
  assert.deepEqual(changes, ["served widgets v1"]);
});

test("shows one version of a kind, the first, and another one in its place", async (t) => {
  const { clock, api, changes } = start(t);
  api.serve([WidgetBeta]);
  await clock.advance(60_000);
  api.serve([Widget, WidgetBeta]);
  await clock.advance(60_000);
  assert.deepEqual(changes, ["served widgets v1beta1", "withdrawn widgets v1beta1", "served widgets v1"]);
});

test("keeps kinds whose server cannot be asked", async (t) => {
  const { clock, api, served } = start(t);
  api.serve([Widget]);
  await clock.advance(60_000);
  api.serve([], { "x.io/v1": "stale GroupVersion discovery: x.io/v1" });
  await clock.advance(60_000);
  assert.equal(served.current.length, 1);
});

test("an informer of metadata drops what is large, and ends with its last hold", async (t) => {
  const { clock, api, informers } = start(t);
  const annotations = { long: "text" };
  await api.create(Widget, { metadata: { ...name, labels: { a: "b" }, annotations }, spec: {} } as KubeObject);
  const [first, second] = [informers.holdMetadata(Widget), informers.holdMetadata(Widget)];
  assert.equal(first.informer, second.informer);
  await clock.advance(100);
  const kept = first.informer.lister.get(name);
  assert.deepEqual(
    [kept?.metadata.labels, kept?.metadata.annotations, Object.keys(kept ?? {})],
    [{ a: "b" }, undefined, ["apiVersion", "kind", "metadata"]],
  );
  const gone: string[] = [];
  second.informer.subscribe(({ type }) => gone.push(type));
  first[Symbol.dispose]();
  await clock.advance(100);
  assert.deepEqual(gone, ["added"]);
  second[Symbol.dispose]();
  await clock.advance(100);
  assert.deepEqual(gone, ["added", "deleted"]);
  assert.notEqual(informers.holdMetadata(Widget).informer, first.informer);
});

test("metadata comes from the whole objects where somebody keeps them", (t) => {
  const { informers } = start(t);
  const whole = informers.of(Widget);
  assert.equal(informers.holdMetadata(Widget).informer, whole);
});

test("a controller follows kinds that join at run time", async (t) => {
  const seen: string[] = [];
  const { clock, api } = start(t, [
    defineController({
      name: "counter",
      watches: [],
      watchesServed: [
        {
          isWanted: ({ scope }) => scope === "Namespaced",
          keysOf: ({ metadata }) => [{ name: metadata.namespace ?? "" }],
        },
      ],
      owns: [],
      async reconcile({ name: namespace }, { cache, served }) {
        const found = served.find("x.io", "Widget");
        seen.push(`${namespace} ${found ? cache.of(found).list(namespace).length : "-"}`);
        return undefined;
      },
    }),
  ]);
  await clock.advance(100);
  api.serve([Widget, Definition]);
  await api.create(Definition, { metadata: { name: "widgets" } });
  await clock.advance(100);
  await api.create(Widget, { metadata: name });
  await clock.advance(100);
  assert.deepEqual(seen, ["default 1"]);
});
