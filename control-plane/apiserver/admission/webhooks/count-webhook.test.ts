// What is counted of webhooks, as whoever reads the metrics sees it.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { configMapOf } from "../../test-server.ts";
import { addData, TestWebhooks } from "./test-webhooks.ts";

const IGNORED = { failurePolicy: "Ignore" };

let webhooks: TestWebhooks;
before(async () => {
  webhooks = await TestWebhooks.start();
});
after(() => webhooks[Symbol.asyncDispose]());
afterEach(() => webhooks.removeAll());

test("what comes of webhooks is counted", async () => {
  await webhooks.configure("Mutating", "change", { hook: addData("counted") });
  await webhooks.configure("Mutating", "odd", {
    hook: () => ({ patchType: "JSONPatch", patch: "no" }),
    ...IGNORED,
  });
  await webhooks.configure("Validating", "away", IGNORED);
  await webhooks.createConfigMap(configMapOf("counted"));
  await webhooks.configure("Validating", "deny", { hook: () => ({ allowed: false, status: { code: 999 } }) });
  await webhooks.configure("Validating", "gone");
  await webhooks.createConfigMap(configMapOf("uncounted"));
  const { body } = await webhooks.server.call("GET", "/metrics");
  const counts = body.split("\n").filter((line: string) => /^[a-z_]*webhook[a-z_]*(total|count)\{/.test(line));
  assert.deepEqual(counts.sort(), [
    ...durations("away", "validating", "false", 2),
    ...durations("change", "admit", "false", 2),
    ...durations("deny", "validating", "true", 1),
    ...durations("gone", "validating", "true", 1),
    ...durations("odd", "admit", "false", 2),
    'apiserver_admission_webhook_fail_open_count{name="away.example.com",type="validating"} 2',
    'apiserver_admission_webhook_fail_open_count{name="odd.example.com",type="admit"} 2',
    'apiserver_admission_webhook_rejection_count{name="deny.example.com",type="validating",operation="CREATE",error_type="no_error",rejection_code="600"} 1',
    'apiserver_admission_webhook_rejection_count{name="gone.example.com",type="validating",operation="CREATE",error_type="calling_webhook_error",rejection_code="400"} 1',
    ...requests("away", "validating", ["400", "false"], 2),
    ...requests("change", "admit", ["200", "false"], 2),
    ...requests("deny", "validating", ["600", "true"], 1),
    ...requests("gone", "validating", ["400", "true"], 1),
    ...requests("odd", "admit", ["503", "false"], 2),
  ]);
});

function durations(name: string, type: string, rejected: string, count: number): string[] {
  const labels = `name="${name}.example.com",type="${type}",operation="CREATE",rejected="${rejected}"`;
  return [`apiserver_admission_webhook_admission_duration_seconds_count{${labels}} ${count}`];
}

function requests(name: string, type: string, [code, rejected]: [string, string], count: number): string[] {
  const labels = `name="${name}.example.com",type="${type}",operation="CREATE",code="${code}"`;
  return [`apiserver_admission_webhook_request_total{${labels},rejected="${rejected}"} ${count}`];
}
