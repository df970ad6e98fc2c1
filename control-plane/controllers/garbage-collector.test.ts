import assert from "node:assert/strict";
import { test } from "node:test";
import type { OwnerReference } from "@atoll/api/meta/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { type Logger, silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ApiError } from "@atoll/machinery/object/api-error";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { ServedKinds } from "@atoll/machinery/controller/served-kinds";
import { GarbageCollector } from "./garbage-collector.ts";

const Parent: Resource = { group: "", version: "v1", kind: "Parent", plural: "parents", scope: "Namespaced" };
const Definition: Resource = { group: "", version: "v1", kind: "Definition", plural: "definitions", scope: "Cluster" };
const Widget: Resource = { group: "x.io", version: "v1", kind: "Widget", plural: "widgets", scope: "Namespaced" };
const Child: Resource = { group: "", version: "v1", kind: "Child", plural: "children", scope: "Namespaced" };

function start(t: { after: (hook: () => void) => void }, log: Logger = silentLogger) {
  const clock = new VirtualClock();
  const random = seededRandom(5);
  const api = new MemoryApi({ clock, random });
  const controller = new AbortController();
  t.after(() => controller.abort());
  const informers = new InformerSet({ client: api, clock, random, log: silentLogger });
  const world = { client: api, informers, clock, log: silentLogger };
  api.serve([Parent, Child]);
  const served = new ServedKinds({ ...world, wakers: [Definition] });
  const told: string[] = [];
  const events = { record: (_object: KubeObject, { message }: { message: string }) => void told.push(message) };
  const collector = new GarbageCollector({ ...world, log, served, events, ignored: [] });
  void Promise.all([informers, served, collector].map((part) => part.run(controller.signal)));
  const children = async () => (await api.list(Child)).items.map(({ metadata }) => metadata.name);
  const parent = (name: string) => api.create(Parent, { metadata: { name, namespace: "default" } });
  const child = (name: string, ...owners: OwnerReference[]) =>
    api.create(Child, { metadata: { name, namespace: "default", ownerReferences: owners } });
  return { clock, api, told, children, parent, child };
}

function ownedBy({ metadata }: KubeObject, changes: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: "v1", kind: "Parent", name: metadata.name ?? "", uid: metadata.uid ?? "", ...changes };
}

const name = (text: string) => ({ name: text, namespace: "default" });

test("deletes what lost its only owner, and leaves what has another with the lost one's name taken out", async (t) => {
  const { clock, api, children, parent, child } = start(t);
  const [a, b] = [await parent("a"), await parent("b")];
  await child("only", ownedBy(a));
  await child("shared", ownedBy(a), ownedBy(b));
  await clock.advance(100);
  await api.delete(Parent, name("a"));
  await clock.advance(100);
  assert.deepEqual(await children(), ["shared"]);
  assert.deepEqual(
    (await api.get(Child, name("shared"))).metadata.ownerReferences?.map(({ name }) => name),
    ["b"],
  );
});

test("deletes what names an owner that never was, also one of the same name but another UID", async (t) => {
  const { clock, children, parent, child } = start(t);
  const a = await parent("a");
  await child("dangling", ownedBy({ metadata: { name: "nobody", uid: "u" } }));
  await child("older", ownedBy(a, { uid: "former" }));
  await child("fine", ownedBy(a));
  await clock.advance(100);
  assert.deepEqual(await children(), ["fine"]);
});

test("touches nothing whose owner is of a kind that is not served", async (t) => {
  const { clock, children, child } = start(t);
  await child("foreign", { apiVersion: "example.com/v1", kind: "Thing", name: "x", uid: "u" });
  await clock.advance(60_000);
  assert.deepEqual(await children(), ["foreign"]);
});

test("does not delete for an owner it could not ask for", async (t) => {
  const { clock, api, children, child } = start(t);
  await clock.advance(0);
  for (let failure = 0; failure < 5; failure++) api.failNext("get", "parents", new Error("away"));
  await child("careful", ownedBy({ metadata: { name: "nobody", uid: "u" } }));
  await clock.advance(20);
  assert.deepEqual(await children(), ["careful"]);
  await clock.advance(10_000);
  assert.deepEqual(await children(), []);
});

test("foreground: the owner goes after its blocking dependents", async (t) => {
  const { clock, api, children, parent, child } = start(t);
  const a = await parent("a");
  await child("blocks", ownedBy(a, { blockOwnerDeletion: true }));
  await api.patch(Child, name("blocks"), { type: "merge", body: { metadata: { finalizers: ["example.com/slow"] } } });
  await clock.advance(100);
  await api.delete(Parent, name("a"), { propagationPolicy: "Foreground" });
  await clock.advance(1000);
  assert.equal((await api.list(Parent)).items.length, 1);
  assert.notEqual((await api.get(Child, name("blocks"))).metadata.deletionTimestamp, undefined);
  await api.patch(Child, name("blocks"), { type: "merge", body: { metadata: { finalizers: null } } });
  await clock.advance(1000);
  assert.deepEqual([await children(), (await api.list(Parent)).items], [[], []]);
});

test("orphan: the dependents stay, without the owner", async (t) => {
  const { clock, api, parent, child } = start(t);
  const a = await parent("a");
  await child("stays", ownedBy(a));
  await clock.advance(100);
  await api.delete(Parent, name("a"), { propagationPolicy: "Orphan" });
  await clock.advance(1000);
  assert.equal((await api.list(Parent)).items.length, 0);
  assert.equal((await api.get(Child, name("stays"))).metadata.ownerReferences, undefined);
});

test("foreground: a circle of owners that block each other is deleted, and the collector is quiet again", async (t) => {
  const { clock, api, children, child } = start(t);
  const owner = (object: KubeObject) => ownedBy(object, { kind: "Child", blockOwnerDeletion: true });
  const a = await child("a");
  const b = await child("b", owner(a));
  const c = await child("c", owner(b));
  const body = { metadata: { ownerReferences: [owner(c)] } };
  await api.patch(Child, name("a"), { type: "merge", body });
  await clock.advance(100);
  await api.delete(Child, name("a"), { propagationPolicy: "Foreground" });
  await clock.advance(1_000);
  assert.deepEqual(await children(), []);
});

test("collects for owners of kinds that come later, and of no kind that is away", async (t) => {
  const { clock, api, children, child } = start(t);
  const widget = await api.create(Widget, { metadata: name("w") });
  await child("waits", ownedBy({ metadata: { name: "w", uid: "former" } }, { apiVersion: "x.io/v1", kind: "Widget" }));
  await child("stays", ownedBy(widget, { apiVersion: "x.io/v1", kind: "Widget" }));
  await clock.advance(1_000);
  assert.deepEqual(await children(), ["stays", "waits"]);
  api.serve([Parent, Child, Widget]);
  await api.create(Definition, { metadata: { name: "widgets.x.io" } });
  await clock.advance(1_000);
  assert.deepEqual(await children(), ["stays"]);
  api.serve([Parent, Child]);
  await clock.advance(60_000);
  assert.deepEqual(await children(), ["stays"]);
  api.serve([Parent, Child, Widget]);
  await clock.advance(60_000);
  await api.delete(Widget, name("w"));
  await clock.advance(1_000);
  assert.deepEqual(await children(), []);
});

test("asks once for an owner of many that is gone", async (t) => {
  const { clock, api, children, child } = start(t);
  let asked = 0;
  const get = api.get.bind(api);
  api.get = (resource, owner) => {
    asked++;
    return get(resource, owner);
  };
  await clock.advance(100);
  await child("first", ownedBy({ metadata: { name: "nobody", uid: "u" } }));
  await clock.advance(100);
  for (let index = 0; index < 10; index++)
    await child(`c${index}`, ownedBy({ metadata: { name: "nobody", uid: "u" } }));
  await clock.advance(1_000);
  assert.deepEqual([await children(), asked], [[], 1]);
});

test("an owner in another namespace is none, and whoever named it is told", async (t) => {
  const { clock, api, told, children, parent } = start(t);
  const a = await parent("a");
  await api.create(Child, { metadata: { name: "lost", namespace: "elsewhere", ownerReferences: [ownedBy(a)] } });
  await clock.advance(1_000);
  assert.deepEqual(await children(), []);
  assert.deepEqual(told, [
    `ownerRef [v1/Parent, namespace: elsewhere, name: a, uid: ${a.metadata.uid}] does not exist in namespace "elsewhere"`,
  ]);
});

test("an object of no namespace that names an owner in one is left alone", async (t) => {
  const { clock, api, parent } = start(t);
  const a = await parent("a");
  await api.create(Definition, { metadata: { name: "wide", ownerReferences: [ownedBy(a)] } });
  api.serve([Parent, Child, Definition]);
  await api.delete(Parent, name("a"));
  await clock.advance(60_000);
  assert.equal((await api.list(Definition)).items.length, 1);
});

test("a version that changed under it does not keep an object whose owners are the same", async (t) => {
  const { clock, api, children, parent, child } = start(t);
  const a = await parent("a");
  await child("busy", ownedBy(a));
  await clock.advance(100);
  api.failNext("delete", "children", new ApiError("Conflict", "the version does not match"));
  await api.delete(Parent, name("a"));
  await clock.advance(0);
  assert.deepEqual(await children(), []);
});

test("an object that somebody else deletes after it has changed is no failure", async (t) => {
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (text) => void errors.push(text), with: () => log };
  const { clock, api, children, parent, child } = start(t, log);
  const owner = await parent("a");
  await child("c", ownedBy(owner));
  await clock.advance(100);
  const { delete: remove } = api;
  t.mock.method(api, "delete", async (...call: Parameters<typeof remove>) => {
    const [resource, named, options] = call;
    if (resource.plural !== Child.plural || options?.preconditions?.resourceVersion === undefined)
      return remove.apply(api, call);
    await remove.call(api, Child, named);
    throw new ApiError("Conflict", "the object has been modified");
  });
  await api.delete(Parent, name("a"));
  await clock.advance(100);
  assert.deepEqual([await children(), errors], [[], []]);
});
