import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

test("a token is admitted like any other new thing: none while a webhook for it cannot be asked", async () => {
  const ask = () =>
    server.call("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", { body: { spec: {} } });
  assert.equal((await ask()).status, 201);
  const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["serviceaccounts/token"] };
  const webhook = {
    name: "tokens.example.com",
    clientConfig: { service: { namespace: "default", name: "nowhere" } },
    rules: [rule],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  const made = await server.call("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
    body: { metadata: { name: "tokens" }, webhooks: [webhook] },
  });
  assert.equal(made.status, 201);
  const { status, body } = await ask();
  assert.equal(status, 500);
  assert.match(body.message, /failed calling webhook "tokens\.example\.com"/);
});
