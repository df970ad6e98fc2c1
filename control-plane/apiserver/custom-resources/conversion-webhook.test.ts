// Custom resources whose versions somebody else converts, through every verb. The converter is a function: v1 has "host" and
// "port" in one field, v2 in two.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Answer, Call } from "../outgoing/https-caller.ts";
import { type Json, TestServer } from "../test-server.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const NAME = "links.example.com";
const at = (version: string, name = "") =>
  `/apis/example.com/${version}/namespaces/default/links${name === "" ? "" : `/${name}`}`;

let server: TestServer;
/** How many objects each call brought. */
const calls: number[] = [];
/** Undefined: converts. */
let broken: ((request: Json) => Json) | undefined;

async function post(_target: unknown, { body }: Call): Promise<Answer> {
  const { request, apiVersion, kind } = JSON.parse(Buffer.from(body).toString());
  calls.push(request.objects.length);
  const good = {
    uid: request.uid,
    result: { status: "Success" },
    convertedObjects: request.objects.map((object: Json) => convert(object, request.desiredAPIVersion)),
  };
  const review = { apiVersion, kind, response: broken ? { ...good, ...broken(request) } : good };
  return { status: 200, body: Buffer.from(JSON.stringify(review)) };
}

function convert({ spec, ...rest }: Json, apiVersion: string): Json {
  if (apiVersion === "example.com/v1") return { ...rest, apiVersion, spec: { address: `${spec.host}:${spec.port}` } };
  const [host, port] = spec.address.split(":");
  return { ...rest, apiVersion, spec: { host, port } };
}

const text = { type: "string" };
const versionOf = (name: string, storage: boolean, properties: Json): Json => ({
  name,
  storage,
  served: true,
  schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties } } } },
  ...(name === "v2" ? { selectableFields: [{ jsonPath: ".spec.host" }] } : {}),
});

function definition(stored: "v1" | "v2"): Json {
  const clientConfig = { service: { namespace: "default", name: "converter", path: "/convert" } };
  return {
    metadata: { name: NAME },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "links", kind: "Link" },
      versions: [
        versionOf("v1", stored === "v1", { address: text }),
        versionOf("v2", stored === "v2", { host: text, port: text }),
      ],
      conversion: { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1", "v1beta1"] } },
    },
  };
}

/** Stands in for the controller that accepts names. */
async function establish(): Promise<void> {
  const names = { plural: "links", kind: "Link", singular: "link", listKind: "LinkList" };
  const conditions = ["NamesAccepted", "Established"].map((type) => ({
    type,
    status: "True",
    reason: "Test",
    message: "",
  }));
  const { status, body } = await server.call("PATCH", `${DEFINITIONS}/${NAME}/status`, {
    body: { status: { acceptedNames: names, conditions } },
    contentType: "application/merge-patch+json",
  });
  assert.equal(status, 200, JSON.stringify(body));
}

async function store(version: "v1" | "v2"): Promise<Json> {
  const patch = { spec: { versions: definition(version).spec.versions } };
  const { body } = await server.call("PATCH", `${DEFINITIONS}/${NAME}`, {
    body: patch,
    contentType: "application/merge-patch+json",
  });
  return body.status.storedVersions;
}

before(async () => {
  server = await TestServer.start(undefined, { post });
  const { status, body } = await server.call("POST", DEFINITIONS, { body: definition("v1") });
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(body.spec.conversion.webhook.clientConfig.service.port, 443);
  await establish();
});
after(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  calls.length = 0;
  broken = undefined;
});

/** In v2 an address is two fields. */
const linkOf = (name: string, spec: Json): Json => ({
  apiVersion: "address" in spec ? "example.com/v1" : "example.com/v2",
  ...{ kind: "Link", metadata: { name }, spec },
});

test("an object is written and read in every version", async () => {
  const created = await server.call("POST", at("v2"), { body: linkOf("a", { host: "h", port: "1" }) });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  assert.deepEqual(created.body.spec, { host: "h", port: "1" });
  const read = await server.call("GET", at("v1", "a"));
  assert.deepEqual([read.body.apiVersion, read.body.spec], ["example.com/v1", { address: "h:1" }]);
  assert.equal(read.body.metadata.resourceVersion, created.body.metadata.resourceVersion);
  const patched = await server.call("PATCH", at("v2", "a"), {
    body: { spec: { port: "2" } },
    contentType: "application/merge-patch+json",
  });
  assert.deepEqual(patched.body.spec, { host: "h", port: "2" });
  assert.deepEqual((await server.call("GET", at("v1", "a"))).body.spec, { address: "h:2" });
  const applied = await server.call("PATCH", `${at("v2", "a")}?fieldManager=me&force=true`, {
    body: linkOf("a", { host: "new" }),
    contentType: "application/apply-patch+yaml",
  });
  assert.deepEqual(applied.body.spec, { host: "new", port: "2" });
});

test("a list is converted in one call, once, and without what needs none", async () => {
  for (const name of ["b", "c"]) await server.call("POST", at("v1"), { body: linkOf(name, { address: `${name}:1` }) });
  assert.deepEqual(calls, []);
  const first = await server.call("GET", at("v2"));
  assert.equal(first.body.items.length, 3);
  assert.deepEqual(calls, [3]);
  await server.call("GET", at("v2"));
  await server.call("GET", at("v2", "b"));
  assert.deepEqual(calls, [3]);
  const selected = await server.call("GET", `${at("v2")}?fieldSelector=spec.host%3Dc`);
  assert.deepEqual(
    selected.body.items.map(({ metadata }: Json) => metadata.name),
    ["c"],
  );
});

test("watchers see changes in their own version, deletions too", async () => {
  const stop = new AbortController();
  const events: string[] = [];
  const watching = (async () => {
    for await (const { type, object } of server.watch(`${at("v2")}?watch=1&fieldSelector=spec.host%3Dw`, stop.signal)) {
      events.push(`${type} ${object.spec.host}:${object.spec.port}`);
      if (type === "DELETED") stop.abort();
    }
  })();
  await server.call("POST", at("v1"), { body: linkOf("w", { address: "w:1" }) });
  await server.call("PUT", at("v1", "w"), {
    body: { ...linkOf("w", { address: "w:2" }), metadata: (await server.call("GET", at("v1", "w"))).body.metadata },
  });
  await server.call("DELETE", at("v1", "w"));
  await watching;
  assert.deepEqual(events.slice(-1), ["DELETED w:2"]);
});

test("a change of the stored version leaves old objects as they are until they are written", async () => {
  assert.deepEqual(await store("v2"), ["v1", "v2"]);
  await server.call("GET", at("v1"));
  calls.length = 0;
  assert.deepEqual((await server.call("GET", at("v2", "b"))).body.spec, { host: "b", port: "1" });
  assert.deepEqual((await server.call("GET", at("v1", "b"))).body.spec, { address: "b:1" });
  await server.call("PATCH", at("v1", "b"), {
    body: { metadata: { labels: { a: "b" } } },
    contentType: "application/merge-patch+json",
  });
  calls.length = 0;
  await server.call("GET", at("v2", "b"));
  assert.deepEqual(calls, [], "it is stored as v2 now");
});

test("a conversion that fails fails the request that needs it, in upstream's words, and no other", async () => {
  await server.call("POST", at("v2"), { body: linkOf("f", { host: "f", port: "1" }) });
  const cases: readonly [(request: Json) => Json, RegExp][] = [
    [() => ({ result: { status: "Failure", message: "no idea" } }), /failed: no idea$/],
    [() => ({ result: {} }), /failed: response.result.status was '', not 'Success'$/],
    [() => ({ uid: "other" }), /failed: expected response.uid=".+", got "other"$/],
    [() => ({ convertedObjects: [] }), /returned 0 objects, expected 1$/],
    [
      ({ objects }) => ({ convertedObjects: objects }),
      /at index 0: invalid groupVersion \(expected example.com\/v1, received example.com\/v2\)$/,
    ],
    [
      ({ objects: [object] }) => ({
        convertedObjects: [{ ...convert(object, "example.com/v1"), metadata: { ...object.metadata, name: "g" } }],
      }),
      /must have the same name: f != g$/,
    ],
  ];
  for (const [answer, expected] of cases) {
    broken = answer;
    const { status, body } = await server.call("GET", at("v1", "f"));
    assert.equal(status, 500, JSON.stringify(body));
    assert.match(body.message, /^conversion webhook for example.com\/v2, Kind=Link /);
    assert.match(body.message, expected);
  }
  assert.equal((await server.call("GET", at("v2", "f"))).status, 200);
  assert.equal((await server.call("POST", at("v1"), { body: linkOf("g", { address: "g:1" }) })).status, 500);
  broken = undefined;
  assert.equal((await server.call("GET", at("v1", "f"))).status, 200);
});

test("a conversion changes nothing of the metadata but labels and annotations", async () => {
  await server.call("POST", at("v2"), { body: linkOf("m", { host: "m", port: "1" }) });
  broken = ({ objects: [object] }) => ({
    convertedObjects: [
      {
        ...convert(object, "example.com/v1"),
        metadata: { ...object.metadata, labels: { from: "conversion" }, finalizers: ["example.com/x"] },
      },
    ],
  });
  const { body } = await server.call("GET", at("v1", "m"));
  assert.deepEqual(body.metadata.labels, { from: "conversion" });
  assert.equal(body.metadata.finalizers, undefined);
});
