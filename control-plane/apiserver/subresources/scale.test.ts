import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TestServer } from "../test-server.ts";

const CONTROLLERS = "/api/v1/namespaces/default/replicationcontrollers";
const SETS = "/apis/apps/v1/namespaces/default/statefulsets";
const MERGE = "application/merge-patch+json";

const labels = { app: "a", tier: "web" };
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  const controller = { metadata: { name: "rc" }, spec: { replicas: 2, selector: labels, template } };
  await server.call("POST", CONTROLLERS, { body: controller });
  const set = { metadata: { name: "set" }, spec: { selector: { matchLabels: labels }, template, serviceName: "s" } };
  await server.call("POST", SETS, { body: set });
});
after(() => server[Symbol.asyncDispose]());

test("a ReplicationController and a StatefulSet show and take their number of replicas", async () => {
  for (const path of [`${CONTROLLERS}/rc`, `${SETS}/set`]) {
    const { body } = await server.call("GET", `${path}/scale`);
    assert.deepEqual([body.kind, body.apiVersion, body.status.selector], ["Scale", "autoscaling/v1", "app=a,tier=web"]);
    const changed = await server.call("PUT", `${path}/scale`, { body: { ...body, spec: { replicas: 5 } } });
    assert.equal(changed.body.spec.replicas, 5);
    assert.equal((await server.call("GET", path)).body.spec.replicas, 5);
  }
});

test("no replicas are not shown", async () => {
  const controller = { metadata: { name: "none" }, spec: { replicas: 0, selector: labels, template } };
  await server.call("POST", CONTROLLERS, { body: controller });
  const { body } = await server.call("GET", `${CONTROLLERS}/none/scale`);
  assert.deepEqual([body.spec, body.status.replicas], [{}, 0]);
});

test("a patch that makes no Scale is refused with what it made, owners included", async () => {
  await server.call("PATCH", `${SETS}/set/scale?fieldManager=me`, {
    body: { spec: { replicas: 4 } },
    contentType: MERGE,
  });
  const { status, body } = await server.call("PATCH", `${SETS}/set/scale`, {
    body: { spec: { replicas: 1.5 } },
    contentType: MERGE,
  });
  assert.equal(status, 422);
  assert.match(body.message, /\\"managedFields\\":\[.*\\"manager\\":\\"me\\".*\\"f:replicas\\".*\\"replicas\\":1\.5/);
});

test("a number below zero is an invalid Scale, and nothing changes", async () => {
  const before = await server.call("GET", `${CONTROLLERS}/rc`);
  const { status, body } = await server.call("PATCH", `${CONTROLLERS}/rc/scale`, {
    body: { spec: { replicas: -1 } },
    contentType: MERGE,
  });
  assert.equal(status, 422);
  assert.equal(
    body.message,
    'Scale.autoscaling "rc" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  );
  assert.deepEqual((await server.call("GET", `${CONTROLLERS}/rc`)).body, before.body);
});

test("another object's UID or version is a conflict", async () => {
  const { body } = await server.call("GET", `${SETS}/set/scale`);
  const other = { ...body, metadata: { ...body.metadata, uid: "other" } };
  const { status, body: answer } = await server.call("PUT", `${SETS}/set/scale`, { body: other });
  assert.equal(status, 409);
  assert.match(answer.message, /statefulsets\/scale\.apps "set": Precondition failed/);
  const old = { ...body, metadata: { ...body.metadata, resourceVersion: "1" } };
  assert.equal((await server.call("PUT", `${SETS}/set/scale`, { body: old })).status, 409);
});
