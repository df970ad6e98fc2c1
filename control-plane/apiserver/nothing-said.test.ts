// What clients leave out or empty is never the server's own fault, of whatever kind the object is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { kinds } from "@atoll/api/kinds";
import { type Json, TestServer } from "./test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const EMPTY_PARTS: readonly Json[] = [{}, { spec: {} }, { spec: null }, { status: {} }, { spec: { template: {} } }];

test("an object that says nothing but its name is refused or taken", async () => {
  for (const { resource, verbs } of kinds) {
    if (!verbs.includes("create")) continue;
    const { group, version, plural, scope } = resource;
    const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    const path = scope === "Namespaced" ? `${root}/namespaces/default/${plural}` : `${root}/${plural}`;
    for (const parts of EMPTY_PARTS) {
      const body = { metadata: { name: "x" }, ...parts };
      const answer = await server.call("POST", `${path}?dryRun=All`, { body });
      assert.ok(answer.status < 500, `${plural} ${JSON.stringify(body)}: ${JSON.stringify(answer.body)}`);
    }
  }
});

test("a certificate request without a request is refused", async () => {
  const spec = { signerName: "example.com/signer", usages: ["client auth"] };
  const path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  const { status, body } = await server.call("POST", path, { body: { metadata: { name: "x" }, spec } });
  assert.equal(status, 422, JSON.stringify(body));
  assert.match(body.message, /spec.request: Invalid value/);
});
