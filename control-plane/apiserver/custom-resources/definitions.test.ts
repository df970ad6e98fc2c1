import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Json, TestServer } from "../test-server.ts";
import { CRONTABS, DEFINITIONS, definitionOf, establish, TABS, tabOf } from "./test-definitions.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  await establish(server, CRONTABS);
});
after(() => server[Symbol.asyncDispose]());

describe("a definition", () => {
  test("makes its kind known in discovery and OpenAPI", async () => {
    const list = (await server.call("GET", "/apis/stable.example.com/v1")).body;
    assert.deepEqual(
      list.resources.map(({ name }: Json) => name),
      ["crontabs", "crontabs/scale", "crontabs/status"],
    );
    const headers = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
    const aggregated = (await server.call("GET", "/apis", { headers })).body;
    const group = aggregated.items.find(({ metadata }: Json) => metadata.name === "stable.example.com");
    assert.deepEqual(
      group.versions.map(({ version }: Json) => version),
      ["v1", "v1beta1"],
    );
    const index = (await server.call("GET", "/openapi/v3")).body;
    assert.ok(index.paths["apis/stable.example.com/v1"]);
    const { components } = (await server.call("GET", "/openapi/v3/apis/stable.example.com/v1")).body;
    const schema = components.schemas["com.example.stable.v1.CronTab"];
    assert.equal(schema.properties.spec.properties.replicas.maximum, 10);
    assert.ok(components.schemas["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]);
    const v2 = (await server.call("GET", "/openapi/v2")).body;
    assert.ok(v2.definitions["com.example.stable.v1.CronTab"]);
  });

  test("serves nothing before it is established, and what its newest schema says after", async () => {
    const path = TABS.replace("crontabs", "things");
    assert.equal((await server.call("POST", DEFINITIONS, { body: definitionOf("things", "Thing") })).status, 201);
    assert.equal((await server.call("GET", path)).status, 404);
    const thing = (await server.call("GET", `${DEFINITIONS}/things.stable.example.com`)).body;
    thing.status.conditions = [{ type: "Established", status: "True" }];
    thing.status.acceptedNames = thing.spec.names;
    await server.call("PUT", `${DEFINITIONS}/things.stable.example.com/status`, { body: thing });
    const created = await server.call("POST", path, { body: { ...tabOf("old"), kind: "Thing" } });
    assert.equal(created.status, 201, JSON.stringify(created.body));
    const changed = (await server.call("GET", `${DEFINITIONS}/things.stable.example.com`)).body;
    const properties = changed.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties;
    properties.added = { type: "integer", default: 3 };
    delete properties.image;
    const update = await server.call("PUT", `${DEFINITIONS}/things.stable.example.com`, { body: changed });
    assert.equal(update.status, 200, JSON.stringify(update.body));
    const read = (await server.call("GET", `${path}/old`)).body;
    assert.deepEqual(read.spec, { cronSpec: "* * * * 5", added: 3 });
  });

  test("waits for its objects when it is deleted, and takes no new ones", async () => {
    const path = TABS.replace("crontabs", "gone");
    await establish(server, definitionOf("gone", "Gone"));
    assert.equal((await server.call("POST", path, { body: { ...tabOf("last"), kind: "Gone" } })).status, 201);
    const deleted = await server.call("DELETE", `${DEFINITIONS}/gone.stable.example.com`);
    assert.deepEqual(deleted.body.metadata.finalizers, ["customresourcecleanup.apiextensions.k8s.io"]);
    assert.equal((await server.call("POST", path, { body: { ...tabOf("new"), kind: "Gone" } })).status, 405);
    assert.equal((await server.call("DELETE", `${path}/last`)).status, 200);
    const body = (await server.call("GET", `${DEFINITIONS}/gone.stable.example.com`)).body;
    body.metadata.finalizers = [];
    assert.equal((await server.call("PUT", `${DEFINITIONS}/gone.stable.example.com`, { body })).status, 200);
    assert.equal((await server.call("GET", path)).status, 404);
    assert.equal((await server.call("GET", "/apis/stable.example.com/v1")).body.resources.length > 0, true);
  });

  test("ends the watches of its objects, without an error, when it changes", async () => {
    const path = TABS.replace("crontabs", "moving");
    await establish(server, definitionOf("moving", "Moving"));
    const list = await server.call("GET", path);
    const version = list.body.metadata.resourceVersion;
    const events = server.watch(`${path}?watch=1&resourceVersion=${version}`, AbortSignal.timeout(10_000));
    const next = events.next();
    const added = await server.call("POST", path, { body: { ...tabOf("first"), kind: "Moving" } });
    assert.equal(added.status, 201);
    assert.equal((await next).value?.type, "ADDED");
    const end = events.next();
    const body = (await server.call("GET", `${DEFINITIONS}/moving.stable.example.com`)).body;
    body.spec.versions[0].schema.openAPIV3Schema.description = "Another one.";
    assert.equal((await server.call("PUT", `${DEFINITIONS}/moving.stable.example.com`, { body })).status, 200);
    assert.equal((await server.call("GET", path)).status, 200);
    assert.equal((await end).done, true);
  });

  test("is refused with the place of every fault", async () => {
    const bad = definitionOf("bad", "Bad", {
      scope: "Everywhere",
      conversion: { strategy: "Webhook" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: false,
          schema: {
            openAPIV3Schema: { type: "object", properties: { spec: { properties: { a: { type: "array" } } } } },
          },
        },
      ],
    });
    bad.metadata.name = "other.stable.example.com";
    const { status, body } = await server.call("POST", DEFINITIONS, { body: bad });
    assert.equal(status, 422);
    const schema = "spec.validation.openAPIV3Schema";
    assert.deepEqual(body.details.causes.map(({ field }: Json) => field).sort(), [
      "metadata.name",
      "spec.conversion.conversionReviewVersions",
      "spec.conversion.webhookClientConfig",
      "spec.scope",
      `${schema}.properties[spec].properties[a].items`,
      `${schema}.properties[spec].type`,
      "spec.versions",
      "status.storedVersions",
    ]);
  });

  test("is refused with a default that its own schema would refuse", async () => {
    const spec = { type: "object", properties: { size: { type: "integer", maximum: 3, default: 4 } } };
    const openAPIV3Schema = { type: "object", properties: { spec } };
    const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }];
    const { status, body } = await server.call("POST", DEFINITIONS, {
      body: definitionOf("odd", "Odd", { versions }),
    });
    assert.equal(status, 422);
    assert.match(body.message, /properties\[size\]\.default: Invalid value: 4: .* should be less than or equal to 3/);
  });

  test("is served again by the next server on the same store", async () => {
    assert.equal((await server.call("POST", TABS, { body: tabOf("one") })).status, 201);
    await using next = await TestServer.start(server.store);
    const { status, body } = await next.call("GET", `${TABS}/one`);
    assert.deepEqual([status, body.spec.image], [200, "busybox"]);
  });

  test("is refused with a rule that makes no sense, with the place of the mistake", async () => {
    const spec = { type: "object", properties: { a: { type: "integer" } } };
    const ruled = { ...spec, "x-kubernetes-validations": [{ rule: "self.b > 1" }] };
    const openAPIV3Schema = { type: "object", properties: { spec: ruled } };
    const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }];
    const { status, body } = await server.call("POST", DEFINITIONS, {
      body: definitionOf("ruled", "Ruled", { versions }),
    });
    assert.equal(status, 422);
    const [cause] = body.details.causes;
    assert.equal(cause.field, "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule");
    assert.match(cause.message, /compilation failed: ERROR: <input>:1:5: undefined field 'b'/);
  });

  test("holds objects to its rules, and changes to what was before", async () => {
    const rules = [
      { rule: "self.min <= self.max", messageExpression: "self.min > 2 ? 'min is above 2' : 'min is above max'" },
      { rule: "self.max >= oldSelf.max", message: "may only grow" },
    ];
    const number = { type: "integer" };
    const mark = { type: "string", enum: ["a", "b"] };
    const spec = { type: "object", properties: { min: number, max: number, note: { type: "string" }, mark } };
    const openAPIV3Schema = {
      type: "object",
      properties: { spec: { ...spec, "x-kubernetes-validations": rules } },
    };
    const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }];
    await establish(server, definitionOf("spans", "Span", { versions }));
    const place = "/apis/stable.example.com/v1/namespaces/default/spans";
    const objectOf = (range: Json) => ({
      ...{ apiVersion: "stable.example.com/v1", kind: "Span", metadata: { name: "a" } },
      spec: range,
    });
    const refused = await server.call("POST", place, { body: objectOf({ min: 3, max: 2 }) });
    assert.equal(refused.status, 422);
    assert.equal(refused.body.details.causes[0].message, "Invalid value: min is above 2");
    const odd = await server.call("POST", place, { body: objectOf({ min: 3, max: 2, mark: "c" }) });
    assert.equal(odd.status, 422);
    assert.match(odd.body.details.causes[0].message, /Unsupported value: "c"/);
    assert.match(odd.body.details.causes[1].message, /some validation rules were not checked/);
    const created = await server.call("POST", place, { body: objectOf({ min: 1, max: 2 }) });
    assert.equal(created.status, 201, JSON.stringify(created.body));
    const changed = { ...created.body, spec: { min: 1, max: 1 } };
    const shrunk = await server.call("PUT", `${place}/a`, { body: changed });
    assert.deepEqual([shrunk.status, shrunk.body.details?.causes[0].message], [422, "Invalid value: may only grow"]);
  });
});
