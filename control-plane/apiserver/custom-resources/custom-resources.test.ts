import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Json, TestServer } from "../test-server.ts";
import { CRONTABS, establish, TABS, tabOf } from "./test-definitions.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  await establish(server, CRONTABS);
});
after(() => server[Symbol.asyncDispose]());

async function causesOf(spec: Json): Promise<string[]> {
  const answer = await server.call("POST", TABS, { body: tabOf("bad", spec) });
  assert.equal(answer.status, 422, JSON.stringify(answer.body));
  return answer.body.details.causes.map(({ field, message }: Json) => `${field}: ${message}`);
}

describe("a custom resource", () => {
  test("is defaulted and pruned, and says so as the client asks", async () => {
    const created = await server.call("POST", TABS, {
      body: tabOf("one", { color: "red", free: { any: { thing: 1 } } }),
    });
    assert.equal(created.status, 201);
    assert.deepEqual(created.body.spec, { cronSpec: "* * * * 5", free: { any: { thing: 1 } }, image: "busybox" });
    assert.equal(created.body.metadata.generation, 1);
    assert.match(created.headers.warning ?? "", /unknown field \\"spec.color\\"/);
    const strict = await server.call("POST", `${TABS}?fieldValidation=Strict`, {
      body: tabOf("two", { color: "red" }),
    });
    assert.equal(strict.status, 400);
    assert.match(strict.body.message, /strict decoding error: unknown field "spec.color"/);
  });

  test("is held against its schema, in upstream's words", async () => {
    assert.deepEqual(await causesOf({ cronSpec: "never" }), [
      `spec.cronSpec: Invalid value: "never": spec.cronSpec in body should match '^(\\*|\\d+)( (\\*|\\d+)){4}$'`,
    ]);
    assert.deepEqual(await causesOf({ cronSpec: null }), ["spec.cronSpec: Required value"]);
    assert.deepEqual(await causesOf({ replicas: 11 }), [
      "spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10",
    ]);
    assert.deepEqual(await causesOf({ replicas: "3" }), [
      'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
      ".spec.replicas: Invalid value: 0: .spec.replicas accessor error: 3 is of the type string, expected int64",
    ]);
    assert.deepEqual(await causesOf({ image: "x" }), [
      'spec.image: Unsupported value: "x": supported values: "busybox", "nginx"',
    ]);
    assert.deepEqual(await causesOf({ tags: ["a", "b", "a"] }), ['spec.tags[2]: Duplicate value: "a"']);
    assert.deepEqual(await causesOf({ ports: [{ name: "a" }, { name: "a", number: 2 }] }), [
      'spec.ports[1]: Duplicate value: {"name":"a"}',
    ]);
    assert.deepEqual(await causesOf({ inner: { apiVersion: "v1" } }), ["spec.inner.kind: Required value"]);
  });

  test("takes integers or strings, and null where it may stand", async () => {
    const text = await server.call("POST", TABS, { body: tabOf("text", { port: "http", note: null }) });
    assert.deepEqual([text.status, text.body.spec.port, text.body.spec.note], [201, "http", null]);
    const number = await server.call("POST", TABS, { body: tabOf("number", { port: 80 }) });
    assert.deepEqual([number.status, number.body.spec.port], [201, 80]);
  });

  test("is patched as JSON and merged, applied by the server, but not merged strategically", async () => {
    await server.call("POST", TABS, { body: tabOf("patched") });
    const path = `${TABS}/patched`;
    const merge = await server.call("PATCH", path, {
      body: { spec: { replicas: 2 } },
      contentType: "application/merge-patch+json",
    });
    assert.deepEqual([merge.status, merge.body.spec.replicas, merge.body.metadata.generation], [200, 2, 2]);
    const json = await server.call("PATCH", path, {
      body: [{ op: "replace", path: "/spec/replicas", value: 3 }],
      contentType: "application/json-patch+json",
    });
    assert.equal(json.body.spec.replicas, 3);
    const strategic = await server.call("PATCH", path, {
      body: {},
      contentType: "application/strategic-merge-patch+json",
    });
    assert.equal(strategic.status, 415);
    assert.match(
      strategic.body.message,
      /accepted media types include: application\/json-patch\+json, application\/merge-patch\+json, /,
    );
    const apply = (manager: string, spec: Json) =>
      server.call("PATCH", `${TABS}/applied?fieldManager=${manager}`, {
        body: tabOf("applied", spec),
        contentType: "application/apply-patch+yaml",
      });
    assert.equal((await apply("a", { ports: [{ name: "x", number: 1 }] })).status, 201);
    const second = await apply("b", { ports: [{ name: "y", number: 2 }] });
    assert.equal(second.status, 200, JSON.stringify(second.body));
    assert.deepEqual(second.body.spec.ports, [
      { name: "x", number: 1 },
      { name: "y", number: 2 },
    ]);
    assert.equal((await apply("b", { ports: [{ name: "x", number: 2 }] })).status, 409);
  });

  test("keeps its status apart from the rest", async () => {
    const created = await server.call("POST", TABS, { body: tabOf("state", {}, { status: { replicas: 1 } }) });
    assert.equal(created.body.status, undefined);
    const body = { ...created.body, spec: { cronSpec: "1 1 1 1 1" }, status: { replicas: 4, other: 1 } };
    const after = await server.call("PUT", `${TABS}/state/status`, { body });
    assert.deepEqual(after.body.status, { replicas: 4 });
    assert.equal(after.body.spec.cronSpec, "* * * * 5");
    assert.equal(after.body.metadata.generation, 1);
  });

  test("is scaled through the paths its definition names", async () => {
    await server.call("POST", TABS, { body: tabOf("scaled", { replicas: 1 }) });
    const path = `${TABS}/scaled/scale`;
    const scale = (await server.call("GET", path)).body;
    assert.deepEqual([scale.kind, scale.spec, scale.status], ["Scale", { replicas: 1 }, { replicas: 0 }]);
    const scaled = await server.call("PATCH", path, {
      body: { spec: { replicas: 5 } },
      contentType: "application/merge-patch+json",
    });
    assert.equal(scaled.body.spec.replicas, 5);
    const tab = (await server.call("GET", `${TABS}/scaled`)).body;
    assert.equal(tab.spec.replicas, 5);
    const ofScale = tab.metadata.managedFields.find(({ subresource }: Json) => subresource === "scale");
    assert.deepEqual(ofScale?.fieldsV1, { "f:spec": { "f:replicas": {} } });
    const contentType = "application/apply-patch+yaml";
    const body = { apiVersion: "autoscaling/v1", kind: "Scale", spec: { replicas: 6 } };
    assert.equal((await server.call("PATCH", `${path}?fieldManager=a&force=true`, { contentType, body })).status, 200);
    const after = (await server.call("GET", `${TABS}/scaled`)).body;
    const ofReplicas = after.metadata.managedFields.filter(({ fieldsV1 }: Json) => fieldsV1["f:spec"]["f:replicas"]);
    assert.deepEqual(
      ofReplicas.map(({ manager, operation }: Json) => [manager, operation]),
      [["a", "Apply"]],
    );
    const negative = await server.call("PUT", path, { body: { ...scale, metadata: {}, spec: { replicas: -1 } } });
    assert.equal(negative.status, 422);
    assert.match(negative.body.message, /spec\.replicas: Invalid value: -1: should be a non-negative integer/);
  });

  test("has no scale that could be shown before somebody says its replicas", async () => {
    await server.call("POST", TABS, { body: tabOf("unscaled") });
    const path = `${TABS}/unscaled/scale`;
    const shown = await server.call("GET", path);
    assert.deepEqual(
      [shown.status, shown.body.message],
      [500, 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist'],
    );
    const contentType = "application/merge-patch+json";
    const patched = await server.call("PATCH", path, { body: { metadata: { labels: { a: "b" } } }, contentType });
    assert.deepEqual(
      [patched.status, patched.body.message],
      [400, 'the spec replicas field ".spec.replicas" cannot be empty'],
    );
    const said = await server.call("PATCH", path, { body: { spec: { replicas: 2 } }, contentType });
    assert.equal(said.body.spec.replicas, 2);
  });

  test("prints its author's columns and is selected by the fields he names", async () => {
    await server.call("POST", TABS, { body: tabOf("chosen", { image: "nginx", replicas: 7 }) });
    const headers = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    const selected = await server.call("GET", `${TABS}?fieldSelector=spec.image%3Dnginx`, { headers });
    assert.deepEqual(
      selected.body.columnDefinitions.map(({ name, priority }: Json) => [name, priority]),
      [
        ["Name", 0],
        ["Spec", 0],
        ["Replicas", 1],
        ["Age", 0],
      ],
    );
    assert.equal(selected.body.rows.length, 1);
    assert.deepEqual(selected.body.rows[0].cells.slice(0, 3), ["chosen", "* * * * 5", 7]);
    assert.match(selected.body.rows[0].cells[3], /^\d+s$/);
    assert.equal((await server.call("GET", `${TABS}?fieldSelector=spec.port%3D1`)).status, 400);
  });

  test("is the same object in every version, with a warning for the old ones", async () => {
    await server.call("POST", TABS, { body: tabOf("versions") });
    const old = await server.call("GET", `${TABS.replace("/v1/", "/v1beta1/")}/versions`);
    assert.equal(old.body.apiVersion, "stable.example.com/v1beta1");
    assert.equal(old.body.spec.image, "busybox");
    assert.match(old.headers.warning ?? "", /stable.example.com\/v1beta1 CronTab is deprecated/);
  });

  test("can be watched", async () => {
    const stop = new AbortController();
    const list = await server.call("GET", TABS);
    const events = server.watch(`${TABS}?watch=1&resourceVersion=${list.body.metadata.resourceVersion}`, stop.signal);
    const next = events.next();
    await server.call("POST", TABS, { body: tabOf("watched") });
    const { value } = await next;
    assert.deepEqual([value?.type, value?.object.metadata.name], ["ADDED", "watched"]);
    stop.abort();
    await events.return(undefined);
  });
});
