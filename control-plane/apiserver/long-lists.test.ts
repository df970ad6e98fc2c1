// Lists that go out in pieces: the same bytes in every way they can be asked for.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { readBody } from "@atoll/machinery/client/transport";
import { PiecedBody } from "./request/pieced-body.ts";
import { configMapOf, type Json, TestServer } from "./test-server.ts";

const MAPS = "/api/v1/namespaces/long/configmaps";
const OBJECTS = 40;
const PAYLOAD = "x".repeat(10_000);

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "long" } } });
  for (let index = 0; index < OBJECTS; index++) {
    await server.call("POST", MAPS, { body: configMapOf(`m-${index}`, { payload: `${index} ${PAYLOAD}` }) });
  }
});
after(() => server[Symbol.asyncDispose]());

function listed(path: string, headers: Readonly<Record<string, string>> = {}) {
  return server.api.handle({ method: "GET", path, headers: { accept: "application/json", ...headers } });
}

describe("long lists", () => {
  test("come in pieces that hold every object as it is", async () => {
    const { body } = await listed(MAPS);
    assert.ok(body instanceof PiecedBody);
    const bytes = Buffer.from(await readBody(body));
    assert.equal(bytes.length, body.length);
    const list: Json = JSON.parse(bytes.toString());
    assert.equal(list.kind, "ConfigMapList");
    assert.equal(list.items.length, OBJECTS);
    for (const item of list.items) {
      const {
        kind: _kind,
        apiVersion: _apiVersion,
        ...single
      } = (await server.call("GET", `${MAPS}/${item.metadata.name}`)).body;
      assert.deepEqual(item, single);
    }
  });

  test("are whole where they are short", async () => {
    const { body } = await listed(`${MAPS}?limit=2`);
    assert.ok(body instanceof Uint8Array);
    assert.equal(JSON.parse(Buffer.from(body).toString()).items.length, 2);
    const nothing = await listed("/api/v1/namespaces/nowhere/configmaps");
    assert.deepEqual(JSON.parse(Buffer.from(await readBody(nothing.body)).toString()).items, []);
  });

  test("are packed for who asks for it", async () => {
    const plain = Buffer.from(await readBody((await listed(MAPS)).body));
    const { headers, body } = await listed(MAPS, { "accept-encoding": "gzip" });
    assert.equal(headers["content-encoding"], "gzip");
    const packed = await readBody(body);
    assert.ok(packed.length < plain.length / 10);
    assert.equal(gunzipSync(packed).toString(), plain.toString());
  });

  test("are the same as YAML, and others are answered while it is written", async () => {
    const ended: string[] = [];
    const list = Promise.resolve(listed(MAPS, { accept: "application/yaml" })).then((answer) => {
      ended.push("list");
      return answer;
    });
    await server.call("GET", "/version");
    ended.push("version");
    const { body, headers } = await list;
    assert.deepEqual(ended, ["version", "list"]);
    assert.equal(headers["content-type"], "application/yaml");
    const json = Buffer.from(await readBody((await listed(MAPS)).body)).toString();
    assert.deepEqual(parse(Buffer.from(await readBody(body)).toString()), JSON.parse(json));
  });

  test("that are refused are refused in YAML, too", async () => {
    const { status, body } = await listed(`${MAPS}?limit=x`, { accept: "application/yaml" });
    assert.equal(status, 400);
    assert.equal(parse(Buffer.from(await readBody(body)).toString()).reason, "BadRequest");
  });
});
