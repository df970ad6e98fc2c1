// What clients hardly ever ask, and upstream's answers to it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TestServer } from "./test-server.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

async function messageOf(method: string, path: string, body?: unknown): Promise<string> {
  const answer = await server.call(method, path, body === undefined ? {} : { body });
  return `${answer.status} ${answer.body.message}`;
}

test("a deletion that waits says so to who wants no orphans in the old way", async () => {
  const held = { metadata: { name: "held", finalizers: ["example.com/held"] } };
  await server.call("POST", MAPS, { body: held });
  assert.equal((await server.call("DELETE", `${MAPS}/held?orphanDependents=false`)).status, 202);
  assert.equal((await server.call("DELETE", `${MAPS}/held`)).status, 200);
});

test("what is wrong with a list is said before what is wrong with its deletion", async () => {
  const options = { propagationPolicy: "Sideways" };
  const message = '400 strconv.ParseInt: parsing "x": invalid syntax';
  assert.equal(await messageOf("DELETE", `${MAPS}?timeoutSeconds=x`, options), message);
});

test("an update says which object it is about", async () => {
  await server.call("POST", MAPS, { body: { metadata: { name: "named" } } });
  assert.equal(
    await messageOf("PUT", `${MAPS}/named`, { data: { a: "b" } }),
    "400 the name of the object (named based on URL) was undeterminable: name must be provided",
  );
  assert.equal(
    await messageOf("PUT", `${MAPS}/none`, { metadata: { name: "other" } }),
    "400 the name of the object (other) does not match the name on the URL (none)",
  );
});

test("a new object brings no version, and what is none does not count", async () => {
  const body = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
  const message = "400 resourceVersion should not be set on objects to be created";
  assert.equal(await messageOf("POST", MAPS, body("new", "1")), message);
  for (const [index, version] of ["0", "00", "x", "-1"].entries()) {
    assert.equal((await server.call("POST", MAPS, { body: body(`new-${index}`, version) })).status, 201, version);
  }
  assert.equal((await server.call("PUT", `${MAPS}/new-0`, { body: body("new-0", "00") })).status, 200);
});
