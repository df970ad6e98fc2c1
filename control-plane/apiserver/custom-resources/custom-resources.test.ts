import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Json, TestServer } from "../test-server.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const TABS = "/apis/stable.example.com/v1/namespaces/default/crontabs";

const SCHEMA = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["cronSpec"],
      properties: {
        cronSpec: { type: "string", pattern: "^(\\*|\\d+)( (\\*|\\d+)){4}$" },
        image: { type: "string", default: "busybox", enum: ["busybox", "nginx"] },
        replicas: { type: "integer", minimum: 1, maximum: 10 },
        port: { "x-kubernetes-int-or-string": true },
        note: { type: "string", nullable: true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, number: { type: "integer" } },
          },
        },
        inner: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
      },
    },
    status: {
      type: "object",
      properties: { replicas: { type: "integer" }, selector: { type: "string" } },
    },
  },
};

function definitionOf(plural: string, kind: string, more: Json = {}): Json {
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: SCHEMA } };
  const { versions = [version], ...spec } = more;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.stable.example.com` },
    spec: {
      group: "stable.example.com",
      scope: "Namespaced",
      names: { plural, kind, shortNames: [plural.slice(0, 2)] },
      versions,
      ...spec,
    },
  };
}

/** What the controller of names does when nothing is in the way. */
async function establish(server: TestServer, definition: Json): Promise<void> {
  const created = await server.call("POST", DEFINITIONS, { body: definition });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const { body } = created;
  const condition = { type: "Established", status: "True", reason: "InitialNamesAccepted" };
  const path = `${DEFINITIONS}/${body.metadata.name}/status`;
  const status = { ...body.status, acceptedNames: body.spec.names, conditions: [condition] };
  const answer = await server.call("PUT", path, { body: { ...body, status } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

const tabOf = (name: string, spec: Json = {}, more: Json = {}): Json => ({
  apiVersion: "stable.example.com/v1",
  kind: "CronTab",
  metadata: { name },
  spec: { cronSpec: "* * * * 5", ...spec },
  ...more,
});

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  await establish(
    server,
    definitionOf("crontabs", "CronTab", {
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SCHEMA },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: ".spec.replicas",
              statusReplicasPath: ".status.replicas",
              labelSelectorPath: ".status.selector",
            },
          },
          selectableFields: [{ jsonPath: ".spec.image" }],
          additionalPrinterColumns: [
            { name: "Spec", type: "string", jsonPath: ".spec.cronSpec" },
            { name: "Replicas", type: "integer", jsonPath: ".spec.replicas", priority: 1 },
            { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
          ],
        },
        {
          name: "v1beta1",
          served: true,
          storage: false,
          deprecated: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    }),
  );
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
    const schema = "spec.versions[0].schema.openAPIV3Schema";
    assert.deepEqual(body.details.causes.map(({ field }: Json) => field).sort(), [
      "metadata.name",
      "spec.conversion.conversionReviewVersions",
      "spec.conversion.webhookClientConfig",
      "spec.scope",
      "spec.versions",
      `${schema}.properties[spec].properties[a].items`,
      `${schema}.properties[spec].type`,
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
    assert.equal(
      cause.field,
      "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule",
    );
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
