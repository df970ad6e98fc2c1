// Conditions of webhooks: on what they are asked, and what follows where a condition errs or makes no sense.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { configMapOf } from "../../test-server.ts";
import { CONFIG_MAPS, REGISTRATION, TestWebhooks } from "./test-webhooks.ts";

let webhooks: TestWebhooks;
before(async () => {
  webhooks = await TestWebhooks.start();
});
after(() => webhooks[Symbol.asyncDispose]());
afterEach(() => webhooks.removeAll());

const NOT_SKIPPED = { name: "not-skipped", expression: "object.metadata.name != 'skip-me'" };

for (const kind of ["Mutating", "Validating"] as const) {
  test(`${kind}: a webhook is not asked about what its conditions leave out`, async () => {
    await webhooks.configure(kind, "choosy", { hook: () => ({}), matchConditions: [NOT_SKIPPED] });
    await webhooks.createConfigMap(configMapOf("skip-me"));
    assert.deepEqual(webhooks.asked, []);
    await webhooks.createConfigMap(configMapOf("ask-me"));
    assert.deepEqual(webhooks.asked, ["choosy"]);
    await webhooks.server.call("DELETE", `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations/choosy`);
    await webhooks.server.call("DELETE", CONFIG_MAPS);
  });

  test(`${kind}: a condition that errs is judged by the failure policy`, async () => {
    const matchConditions = [{ name: "errs", expression: "object.data.none == 'x'" }];
    await webhooks.configure(kind, "lax", { matchConditions, failurePolicy: "Ignore" });
    assert.equal((await webhooks.createConfigMap(configMapOf("lax"))).status, 201);
    await webhooks.configure(kind, "strict", { matchConditions });
    const { status, body } = await webhooks.createConfigMap(configMapOf("strict"));
    assert.equal(status, 403);
    assert.match(body.message, /configmaps "strict" is forbidden: .*no such key: none/);
    await webhooks.server.call("DELETE", `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations`);
    await webhooks.server.call("DELETE", CONFIG_MAPS);
  });

  test(`${kind}: a condition that makes no sense is refused`, async () => {
    const webhook = {
      name: "broken.example.com",
      clientConfig: { url: "https://hook.test/broken" },
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      matchConditions: [{ name: "bad", expression: "... [] bad" }],
    };
    const path = `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations`;
    const { status, body } = await webhooks.server.call("POST", path, {
      body: { metadata: { name: "broken" }, webhooks: [webhook] },
    });
    assert.equal(status, 422);
    assert.match(body.message, /webhooks\[0\]\.matchConditions\[0\]\.expression: Invalid value: .*compilation failed/);
  });
}
