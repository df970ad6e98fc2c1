// Quotas as users meet them: on a whole server, with what the quota controller writes put in by the test.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Json, podOf, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const post = (path: string, body: Json) => server.call("POST", path, { body });

/** A namespace with a counted quota. */
async function start(name: string, hard: Record<string, string>, used?: Record<string, string>): Promise<string> {
  const core = `/api/v1/namespaces/${name}`;
  await post("/api/v1/namespaces", { metadata: { name } });
  await post(`${core}/serviceaccounts`, { metadata: { name: "default" } });
  assert.equal((await post(`${core}/resourcequotas`, { metadata: { name: "q" }, spec: { hard } })).status, 201);
  const zero = Object.fromEntries(Object.keys(hard).map((limit) => [limit, "0"]));
  await patchStatus(core, { hard, used: used ?? zero });
  await server.call("GET", `${core}/resourcequotas`);
  return core;
}

const patchStatus = (core: string, status: Json) =>
  server.call("PATCH", `${core}/resourcequotas/q/status`, {
    body: { status },
    contentType: "application/merge-patch+json",
  });

const used = async (core: string) => (await server.call("GET", `${core}/resourcequotas/q`)).body.status.used;

test("charges what is made, refuses what exceeds it, and only looks in a dry run", async () => {
  const core = await start("charges", { secrets: "2", "count/configmaps": "1" });
  const secret = (name: string) => ({ metadata: { name } });
  assert.equal((await post(`${core}/secrets?dryRun=All`, secret("dry"))).status, 201);
  assert.deepEqual(await used(core), { "count/configmaps": "0", secrets: "0" });
  assert.equal((await post(`${core}/secrets`, secret("a"))).status, 201);
  assert.equal((await post(`${core}/secrets`, secret("b"))).status, 201);
  assert.deepEqual(await used(core), { "count/configmaps": "0", secrets: "2" });
  for (const query of ["", "?dryRun=All"]) {
    const { status, body } = await post(`${core}/secrets${query}`, secret("c"));
    assert.equal(status, 403);
    assert.equal(
      body.message,
      'secrets "c" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=2, limited: secrets=2',
    );
  }
  assert.equal((await server.call("GET", `${core}/secrets/c`)).status, 404);
});

test("charges nothing for what another check refuses", async () => {
  const core = await start("refused-otherwise", { pods: "5" });
  assert.equal((await post(`${core}/pods`, podOf("p", { priorityClassName: "none" }))).status, 403);
  assert.equal((await post(`${core}/pods`, podOf("UPPER"))).status, 422);
  assert.deepEqual(await used(core), { pods: "0" });
});

test("refuses what a quota that was not counted yet may limit", async () => {
  const core = await start("uncounted", { pods: "5" }, {});
  const { status, body } = await post(`${core}/pods`, podOf("p"));
  assert.equal(status, 403);
  assert.equal(body.message, 'pods "p" is forbidden: status unknown for quota: q, resources: pods');
});

test("counts a service that becomes one of another type", async () => {
  const core = await start("services", { services: "5", "services.nodeports": "1" });
  const ports = [
    { name: "a", port: 80 },
    { name: "b", port: 81 },
  ];
  assert.equal((await post(`${core}/services`, { metadata: { name: "s" }, spec: { ports } })).status, 201);
  const change = (spec: Json) =>
    server.call("PATCH", `${core}/services/s`, { body: { spec }, contentType: "application/merge-patch+json" });
  const refused = await change({ type: "NodePort" });
  assert.equal(refused.status, 403, JSON.stringify(refused.body));
  assert.match(refused.body.message, /requested: services.nodeports=2, used: services.nodeports=0/);
  assert.equal((await change({ type: "NodePort", ports: ports.slice(0, 1) })).status, 200);
  assert.deepEqual(await used(core), { services: "1", "services.nodeports": "1" });
});

test("lets exactly as many in as there is room for, however many come at once, with few writes of the quota", async () => {
  const core = await start("crowd", { "count/configmaps": "60", configmaps: "1000" });
  const before = Number((await server.call("GET", `${core}/resourcequotas/q`)).body.metadata.resourceVersion);
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => post(`${core}/configmaps`, { metadata: { name: `c${index}` } })),
  );
  const made = answers.filter(({ status }) => status === 201).length;
  assert.equal(made, 60);
  assert.ok(answers.every(({ status }) => status === 201 || status === 403));
  assert.deepEqual(await used(core), { configmaps: "60", "count/configmaps": "60" });
  const { body } = await server.call("GET", `${core}/configmaps`);
  assert.equal(body.items.length, 60);
  const writes = Number(body.metadata.resourceVersion) - before - 60;
  assert.ok(writes <= 10, `${writes} writes of the quota`);
});

test("charges to a quota that somebody else writes at the same time", async () => {
  const core = await start("contended", { configmaps: "100" });
  const write = async (index: number) => {
    const made = post(`${core}/configmaps`, { metadata: { name: `c${index}` } });
    await patchStatus(core, { hard: { configmaps: String(100 + index) } });
    return made;
  };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => write(index)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 201),
  );
  assert.deepEqual(await used(core), { configmaps: "20" });
});

test("counts custom resources", async () => {
  const core = await start("custom", { "count/widgets.example.com": "1" });
  const definition = {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  };
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  assert.equal((await post(definitions, definition)).status, 201);
  const names = { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" };
  const conditions = ["NamesAccepted", "Established"].map((type) => ({
    type,
    status: "True",
    reason: "x",
    message: "",
  }));
  await server.call("PATCH", `${definitions}/widgets.example.com/status`, {
    body: { status: { acceptedNames: names, conditions, storedVersions: ["v1"] } },
    contentType: "application/merge-patch+json",
  });
  const widgets = "/apis/example.com/v1/namespaces/custom/widgets";
  const widget = (name: string) => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name } });
  assert.equal((await post(widgets, widget("a"))).status, 201);
  const refused = await post(widgets, widget("b"));
  assert.equal(refused.status, 403);
  assert.match(refused.body.message, /^widgets.example.com "b" is forbidden: exceeded quota: q,/);
  assert.deepEqual(await used(core), { "count/widgets.example.com": "1" });
});
