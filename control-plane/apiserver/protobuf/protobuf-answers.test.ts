import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { readBody } from "@atoll/machinery/client/transport";
import { configMapOf, type Json, TestServer } from "../test-server.ts";
import { decodeProtobufBody } from "./decode-protobuf.ts";
import { readFields } from "./wire-reader.ts";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
/** As typed Go clients send it. */
const TYPED = `${PROTOBUF},application/json`;
const MAPS = "/api/v1/namespaces/default/configmaps";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

const SCHEMAS: Readonly<Record<string, string>> = {
  ConfigMap: "io.k8s.api.core.v1.ConfigMap",
  ConfigMapList: "io.k8s.api.core.v1.ConfigMapList",
  PartialObjectMetadata: "io.k8s.api.core.v1.ConfigMap",
  Status: `${META}.Status`,
  Scale: "io.k8s.api.autoscaling.v1.Scale",
  TokenRequest: "io.k8s.api.authentication.v1.TokenRequest",
  SelfSubjectAccessReview: "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
};

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  await server.call("POST", MAPS, { body: configMapOf("a", { key: "valué", empty: "" }) });
});
after(() => server[Symbol.asyncDispose]());

async function get(path: string, accept: string, more: { method?: string; body?: Json } = {}) {
  const { method = "GET", body } = more;
  const headers = { accept, ...(body ? { "content-type": "application/json" } : {}) };
  const bytes = body ? { body: Buffer.from(JSON.stringify(body)) } : {};
  const response = await server.api.handle({ method, path, headers, ...bytes });
  return { status: response.status, type: response.headers["content-type"], bytes: await readBody(response.body) };
}

const decode = (bytes: Uint8Array): Json =>
  decodeProtobufBody(bytes, schemaModel, (_version, kind) => SCHEMAS[kind]).value;

describe("protobuf answers", () => {
  test("say what JSON says", async () => {
    const { type, bytes } = await get(`${MAPS}/a`, TYPED);
    assert.equal(type, PROTOBUF);
    assert.deepEqual(decode(bytes), (await server.call("GET", `${MAPS}/a`)).body);
  });

  test("are made once for all readers of an object", async () => {
    const [first, second] = [await get(`${MAPS}/a`, TYPED), await get(`${MAPS}/a`, TYPED)];
    assert.equal(first.bytes, second.bytes);
  });

  test("hold lists with their metadata", async () => {
    await server.call("POST", MAPS, { body: configMapOf("b") });
    const { bytes } = await get(`${MAPS}?limit=1`, TYPED);
    const envelope = [...readFields(bytes.subarray(4))].find(({ number }) => number === 2);
    assert.ok(envelope?.value.type === "bytes");
    const fields = [...readFields(envelope.value.value)];
    assert.deepEqual(
      fields.map(({ number }) => number),
      [1, 2],
    );
    const json = (await server.call("GET", `${MAPS}?limit=1`)).body;
    const [metadata] = fields;
    assert.ok(metadata?.value.type === "bytes");
    const texts = [...readFields(metadata.value.value)].map(({ value }) =>
      value.type === "bytes" ? Buffer.from(value.value).toString() : value.value,
    );
    assert.deepEqual(texts, ["", json.metadata.resourceVersion, json.metadata.continue, 1]);
  });

  test("carry errors", async () => {
    const { status, type, bytes } = await get(`${MAPS}/none`, TYPED);
    assert.equal(status, 404);
    assert.equal(type, PROTOBUF);
    const { metadata: _metadata, ...json } = (await server.call("GET", `${MAPS}/none`)).body;
    assert.deepEqual(decode(bytes), { metadata: {}, ...json });
  });

  test("cut objects down to their metadata", async () => {
    const { bytes } = await get(`${MAPS}/a`, `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`);
    const partial = decode(bytes);
    assert.equal(partial.kind, "PartialObjectMetadata");
    assert.equal(partial.metadata.name, "a");
    assert.equal(partial.data, undefined);
  });

  test("answer what is not stored", async () => {
    const review = { spec: { resourceAttributes: { verb: "get", resource: "pods" } } };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const { bytes, status } = await get(path, TYPED, { method: "POST", body: review });
    assert.equal(status, 201);
    assert.equal(decode(bytes).status.allowed, true);
    const token = await get("/api/v1/namespaces/default/serviceaccounts/default/token", TYPED, {
      method: "POST",
      body: { spec: {} },
    });
    assert.match(decode(token.bytes).status.token, /^ey/);
    const deleted = await get(`${MAPS}/b`, TYPED, { method: "DELETE" });
    assert.equal(decode(deleted.bytes).status, "Success");
  });

  test("are no choice for a Table, which comes as JSON where that is taken", async () => {
    const table = ";as=Table;g=meta.k8s.io;v=v1";
    assert.equal((await get(MAPS, PROTOBUF + table)).status, 406);
    const { type, bytes } = await get(MAPS, `${PROTOBUF}${table},application/json${table}`);
    assert.equal(type, "application/json");
    assert.equal(JSON.parse(Buffer.from(bytes).toString()).kind, "Table");
  });
});

describe("a watch in protobuf", () => {
  test("comes in frames, the same bytes to all who see an event", async () => {
    const { body } = await server.call("GET", MAPS);
    const path = `${MAPS}?watch=true&resourceVersion=${body.metadata.resourceVersion}`;
    const headers = { accept: `${PROTOBUF};stream=watch,${TYPED}` };
    const stop = new AbortController();
    const open = () => server.api.handle({ method: "GET", path, headers, signal: stop.signal });
    const watches = await Promise.all([open(), open()]);
    assert.equal(watches[0]?.headers["content-type"], `${PROTOBUF};stream=watch`);
    const reading = watches.map(async (watch) => {
      assert.ok(!(watch.body instanceof Uint8Array));
      for await (const chunk of watch.body) return chunk;
      return undefined;
    });
    await server.call("POST", MAPS, { body: configMapOf("watched") });
    const [first, second] = await Promise.all(reading);
    stop.abort();
    assert.ok(first);
    assert.equal(first, second);
    const event = readFrame(first);
    assert.equal(event.type, "ADDED");
    assert.deepEqual(event.object, (await server.call("GET", `${MAPS}/watched`)).body);
  });

  test("ends its initial events with a bookmark", async () => {
    const query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const stop = new AbortController();
    const response = await server.api.handle({
      method: "GET",
      path: `${MAPS}?${query}`,
      headers: { accept: TYPED },
      signal: stop.signal,
    });
    assert.ok(!(response.body instanceof Uint8Array));
    const events: Json[] = [];
    for await (const chunk of response.body) {
      for (let rest = Buffer.from(chunk); rest.length > 0; rest = rest.subarray(4 + rest.readUInt32BE(0))) {
        events.push(readFrame(rest.subarray(0, 4 + rest.readUInt32BE(0))));
      }
      stop.abort();
      break;
    }
    const { type, object } = events.at(-1);
    assert.equal(type, "BOOKMARK");
    assert.equal(object.metadata.annotations["k8s.io/initial-events-end"], "true");
    assert.ok(events.length > 1);
  });
});

function readFrame(frame: Uint8Array): { type: string; object: Json } {
  const bytes = Buffer.from(frame);
  assert.equal(bytes.readUInt32BE(0), bytes.length - 4);
  const [type, object] = [...readFields(bytes.subarray(4))].map(({ value }) => value);
  assert.ok(type?.type === "bytes" && object?.type === "bytes");
  const [raw] = [...readFields(object.value)];
  assert.ok(raw?.value.type === "bytes");
  return { type: Buffer.from(type.value).toString(), object: decode(raw.value.value) };
}

describe("the form of an answer", () => {
  const cases: readonly (readonly [string, string])[] = [
    [`${PROTOBUF};q=0.5,application/json`, "application/json"],
    ["text/html, application/yaml", "application/yaml"],
    ["application/*", "application/json"],
    [`application/json;q=0.1,${PROTOBUF};q=0.2`, PROTOBUF],
    ["nonsense, */*", "application/json"],
    [`${PROTOBUF};as=Strange;g=meta.k8s.io;v=v1,application/json`, "application/json"],
  ];
  for (const [accept, expected] of cases) {
    test(`is ${expected} for ${accept}`, async () => {
      assert.equal((await get(`${MAPS}/a`, accept)).type, expected);
    });
  }

  test("is refused before anything is done", async () => {
    const { status, bytes } = await get(MAPS, "text/plain", { method: "POST", body: configMapOf("undone") });
    assert.equal(status, 406);
    assert.equal(
      JSON.parse(Buffer.from(bytes).toString()).message,
      "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
    );
    assert.equal((await server.call("GET", `${MAPS}/undone`)).status, 404);
  });
});
