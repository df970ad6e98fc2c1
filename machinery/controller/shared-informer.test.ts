import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "../client/memory-api.ts";
import { ApiError } from "../object/api-error.ts";
import { type CacheChange, SharedInformer } from "./shared-informer.ts";

const Widget: Resource = { group: "", version: "v1", kind: "Widget", plural: "widgets", scope: "Namespaced" };

function widget(name: string, owner?: string): KubeObject {
  return {
    metadata: {
      name,
      namespace: "default",
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: "v1", kind: "Owner", name: owner, uid: owner }] }),
    },
  };
}

async function start(test: { after: (hook: () => void) => void }, prepare: (api: MemoryApi) => void = () => {}) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const api = new MemoryApi({ clock, random });
  prepare(api);
  const informer = new SharedInformer({ resource: Widget, client: api, clock, random, log: silentLogger });
  const changes: string[] = [];
  informer.subscribe((change: CacheChange<KubeObject>) =>
    changes.push(`${change.type} ${change.object.metadata.name}`),
  );
  const controller = new AbortController();
  test.after(() => controller.abort());
  const running = informer.run(controller.signal);
  return { clock, api, informer, changes, controller, running };
}

test("tells of what is there, then of every change", async (t) => {
  const { clock, api, informer, changes } = await start(t);
  await api.create(Widget, widget("a"));
  await clock.advance(0);
  await api.patch(
    Widget,
    { name: "a", namespace: "default" },
    { type: "merge", body: { metadata: { labels: { x: "y" } } } },
  );
  await api.delete(Widget, { name: "a", namespace: "default" });
  await clock.advance(0);
  assert.deepEqual(changes, ["added a", "modified a", "deleted a"]);
  assert.equal(informer.lister.list().length, 0);
});

test("resumes a watch that ended without listing again", async (t) => {
  const { clock, api, changes } = await start(t);
  await clock.advance(0);
  api.failNext("list", "widgets", new Error("no second list"));
  api.endWatches();
  await api.create(Widget, widget("a"));
  await clock.advance(60_000);
  assert.deepEqual(changes, ["added a"]);
});

test("finds additions, changes and deletions it missed when its version expired", async (t) => {
  const { clock, api, changes } = await start(t);
  await clock.advance(0);
  await api.create(Widget, widget("stays"));
  await api.create(Widget, widget("goes"));
  await api.create(Widget, widget("reborn"));
  await clock.advance(0);
  changes.length = 0;
  api.endWatches();
  await api.delete(Widget, { name: "goes", namespace: "default" });
  await api.delete(Widget, { name: "reborn", namespace: "default" });
  await api.create(Widget, widget("reborn"));
  await api.create(Widget, widget("new"));
  api.compact();
  await clock.advance(60_000);
  assert.deepEqual(changes.toSorted(), ["added new", "added reborn", "deleted goes", "deleted reborn"]);
});

test("keeps trying with growing pauses while the server is away", async (t) => {
  const { clock, informer } = await start(t, (api) => {
    for (let attempt = 0; attempt < 4; attempt++)
      api.failNext("list", "widgets", new ApiError("ServiceUnavailable", "away"));
  });
  await clock.advance(500);
  assert.equal(informer.hasSynced, false);
  await clock.advance(60_000);
  assert.equal(informer.hasSynced, true);
});

test("finds objects by owner and by an index declared later", async (t) => {
  const { clock, api, informer } = await start(t);
  await api.create(Widget, widget("a", "o1"));
  await api.create(Widget, widget("b", "o2"));
  await clock.advance(0);
  assert.deepEqual(
    informer.lister.ownedBy("o1").map((item) => item.metadata.name),
    ["a"],
  );
  const byInitial = { name: "initial", valuesOf: (object: KubeObject) => [object.metadata.name?.[0] ?? ""] };
  assert.equal(informer.lister.indexed(byInitial, "b").length, 1);
  await api.delete(Widget, { name: "b", namespace: "default" });
  await clock.advance(0);
  assert.equal(informer.lister.indexed(byInitial, "b").length, 0);
  assert.equal(informer.lister.list("default").length, 1);
  assert.equal(informer.lister.list("elsewhere").length, 0);
});

test("tells the other handlers when one throws, and ends with its signal", async (t) => {
  const { clock, api, informer, changes, controller, running } = await start(t);
  informer.subscribe(() => {
    throw new Error("defect");
  });
  const seen: string[] = [];
  informer.subscribe(({ type }) => seen.push(type));
  await api.create(Widget, widget("a"));
  await clock.advance(0);
  assert.deepEqual([changes.length, seen.length], [1, 1]);
  controller.abort();
  await running;
});

test("keeps objects without the list of their fields' owners", async (t) => {
  const { clock, api, informer } = await start(t);
  const { metadata } = widget("a");
  await api.create(Widget, { metadata: { ...metadata, labels: { x: "y" }, managedFields: [{ manager: "me" }] } });
  await clock.advance(0);
  const kept = informer.lister.get({ name: "a", namespace: "default" });
  assert.deepEqual([kept?.metadata.managedFields, kept?.metadata.labels], [undefined, { x: "y" }]);
});
