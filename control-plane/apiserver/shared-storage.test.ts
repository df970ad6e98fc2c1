import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Json, TestServer } from "./test-server.ts";

const V1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const V2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const CORE_EVENTS = "/api/v1/namespaces/default/events";
const EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const get = async (path: string): Promise<Json> => (await server.call("GET", path)).body;

describe("kinds that share a store", () => {
  test("an autoscaler is one object in two versions", async () => {
    const spec = {
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 40,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    };
    const created = await server.call("POST", V1, { body: { metadata: { name: "web" }, spec } });
    assert.equal(created.status, 201, JSON.stringify(created.body));
    assert.equal(created.body.apiVersion, "autoscaling/v1");
    const newer = await get(`${V2}/web`);
    assert.equal(newer.apiVersion, "autoscaling/v2");
    assert.equal(newer.metadata.uid, created.body.metadata.uid);
    assert.equal(newer.metadata.resourceVersion, created.body.metadata.resourceVersion);
    assert.equal(newer.spec.metrics[0].resource.target.averageUtilization, 40);
    const patched = await server.call("PATCH", `${V1}/web`, {
      body: { spec: { targetCPUUtilizationPercentage: 60 } },
      contentType: "application/merge-patch+json",
    });
    assert.equal(patched.status, 200, JSON.stringify(patched.body));
    assert.equal((await get(`${V2}/web`)).spec.metrics[0].resource.target.averageUtilization, 60);
    const [stored] = (
      await server.store.range({
        start: "/registry/horizontalpodautoscalers/",
        end: "/registry/horizontalpodautoscalers0",
      })
    ).items;
    assert.match(
      Buffer.from(stored?.value ?? []).toString(),
      /^\{"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling\/v2"/,
    );
    const group = await get("/apis/autoscaling");
    assert.equal(group.preferredVersion.version, "v2");
  });

  test("an event hangs on a lease in either group, after every write, and nothing else does", async () => {
    const body = { metadata: { name: "leased" }, involvedObject: { namespace: "default" }, reason: "Because" };
    const leaseOf = async (key: string) => (await server.store.range({ start: key })).items[0]?.lease ?? 0;
    assert.equal((await server.call("POST", CORE_EVENTS, { body })).status, 201);
    assert.notEqual(await leaseOf("/registry/events/default/leased"), 0);
    const patch = { body: { reason: "Again" }, contentType: "application/merge-patch+json" };
    assert.equal((await server.call("PATCH", `${CORE_EVENTS}/leased`, patch)).status, 200);
    assert.notEqual(await leaseOf("/registry/events/default/leased"), 0);
    assert.equal(await leaseOf("/registry/namespaces/default"), 0);
    assert.equal((await server.call("DELETE", `${CORE_EVENTS}/leased`)).status, 200);
  });

  test("an event is read in both groups, and found by what it is about", async () => {
    const event = {
      metadata: { name: "e" },
      eventTime: "2026-01-01T00:00:00.000000Z",
      reportingController: "example.com/c",
      reportingInstance: "c-1",
      action: "Act",
      reason: "Because",
      type: "Normal",
      note: "said",
      regarding: { kind: "Pod", name: "p", namespace: "default" },
    };
    const created = await server.call("POST", EVENTS, { body: event });
    assert.equal(created.status, 201, JSON.stringify(created.body));
    const core = await get(`${CORE_EVENTS}/e`);
    assert.deepEqual([core.message, core.involvedObject.name, core.reportingComponent], ["said", "p", "example.com/c"]);
    const found = await get(`${EVENTS}?fieldSelector=regarding.name%3Dp`);
    assert.deepEqual(
      found.items.map((item: Json) => [item.apiVersion ?? "events.k8s.io/v1", item.note]),
      [["events.k8s.io/v1", "said"]],
    );
    const invalid = await server.call("POST", EVENTS, { body: { ...event, metadata: { name: "f" }, type: "Odd" } });
    assert.deepEqual(
      invalid.body.details.causes.map(({ field }: Json) => field),
      ["type"],
    );
    assert.equal((await server.call("DELETE", `${EVENTS}/e`)).status, 200);
    assert.equal((await server.call("GET", `${CORE_EVENTS}/e`)).status, 404);
  });
});
