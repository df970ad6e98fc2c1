import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type AuditPolicy, auditPolicy } from "@atoll/api/config/audit-policy";
import { schemaModel } from "@atoll/api/generated/schemas";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { ApiError } from "@atoll/machinery/object/api-error";
import { auditRequests } from "../handlers/audit.ts";
import { AuditAnnotations } from "../request/audit-annotations.ts";
import type { RequestContext } from "../request/context.ts";
import { memoryBody } from "../request/memory-body.ts";
import { jsonResponse } from "../request/request.ts";
import { parseRequestInfo } from "../request/request-info.ts";
import type { Json } from "../test-server.ts";
import { AuditFile } from "./audit-file.ts";
import { decideAudit } from "./audit-rules.ts";
import type { AuditSink } from "./audit-sink.ts";

const policy = (...rules: Json[]): AuditPolicy =>
  auditPolicy.parse({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules });

const user = { name: "jane", groups: ["system:authenticated", "dev"] };

test("the first rule that a request matches says what is written", () => {
  const rules = policy(
    { level: "None", users: ["system:kube-proxy"] },
    { level: "None", nonResourceURLs: ["/healthz*", "/version"] },
    { level: "Metadata", resources: [{ group: "", resources: ["secrets", "*/status"] }] },
    { level: "Request", userGroups: ["dev"], verbs: ["create"], namespaces: ["default"] },
    { level: "RequestResponse", resources: [{ group: "apps" }] },
  );
  const cases: readonly (readonly [string, string, string])[] = [
    ["GET", "/version", "None"],
    ["GET", "/healthz/ping", "None"],
    ["GET", "/api/v1/namespaces/default/secrets/s", "Metadata"],
    ["PUT", "/api/v1/namespaces/default/pods/p/status", "Metadata"],
    ["POST", "/api/v1/namespaces/default/pods", "Request"],
    ["POST", "/api/v1/namespaces/other/pods", "None"],
    ["GET", "/apis/apps/v1/deployments", "RequestResponse"],
    ["GET", "/metrics", "None"],
  ];
  for (const [method, path, expected] of cases) {
    assert.equal(decideAudit(rules, user, parseRequestInfo(method, path)).level, expected, `${method} ${path}`);
  }
});

async function auditOne(rules: AuditPolicy, answer: (context: RequestContext) => Promise<Json>): Promise<Json[]> {
  const events: Json[] = [];
  const sink: AuditSink = {
    plugin: "log",
    write: (event) => events.push(JSON.parse(event)),
    counts: { written: 0, dropped: 0 },
  };
  const handler = auditRequests({ policy: rules, sinks: [sink] }, { model: schemaModel, clock: new VirtualClock() });
  const target = "/api/v1/namespaces/default/configmaps?dryRun=All";
  const body = Buffer.from(JSON.stringify({ kind: "ConfigMap", metadata: { name: "a", managedFields: [{}] } }));
  const context: RequestContext = {
    request: {
      method: "POST",
      target,
      headers: { "content-type": "application/json", "user-agent": "test" },
      body: memoryBody(body),
      signal: new AbortController().signal,
      wantsUpgrade: false,
      transportUser: undefined,
    },
    info: parseRequestInfo("POST", target),
    user,
    warnings: [],
    annotations: new AuditAnnotations(),
    responseHeaders: { "audit-id": "id" },
  };
  await Promise.resolve(handler(context, () => answer(context))).catch(() => undefined);
  return events;
}

test("an event says who asked for what, and what came of it", async () => {
  const rules = policy({ level: "RequestResponse", omitManagedFields: true });
  const [event, ...more] = await auditOne(rules, async (context) => {
    context.annotations.add("authorization.k8s.io/decision", "allow");
    await context.request.body.read(1000);
    return jsonResponse(201, { kind: "ConfigMap", metadata: { name: "a", uid: "u" } });
  });
  assert.equal(more.length, 0, "a stage that is omitted was written");
  assert.equal(event.stage, "ResponseComplete");
  assert.equal(event.auditID, "id");
  assert.equal(event.user.username, "jane");
  assert.equal(event.verb, "create");
  assert.deepEqual(event.objectRef, { resource: "configmaps", namespace: "default", apiVersion: "v1" });
  assert.deepEqual(event.requestObject, { kind: "ConfigMap", metadata: { name: "a" } });
  assert.equal(event.responseObject.metadata.uid, "u");
  assert.equal(event.responseStatus.code, 201);
  assert.equal(event.annotations["authorization.k8s.io/decision"], "allow");
});

test("a list is written as it was sent, such as a JSON patch", async () => {
  const items = [["a"], { metadata: { name: "b", managedFields: [] } }];
  const rules = policy({ level: "RequestResponse", omitManagedFields: true });
  const [event] = await auditOne(rules, async () => jsonResponse(200, { kind: "List", items }));
  assert.deepEqual(event.responseObject.items, [["a"], { metadata: { name: "b" } }]);
});

test("bodies are left out below their level, and a refusal is written with its reason", async () => {
  const [event] = await auditOne(policy({ level: "Metadata" }), async (context) => {
    await context.request.body.read(1000);
    throw new ApiError("Forbidden", "no");
  });
  assert.equal(event.requestObject, undefined);
  assert.deepEqual(event.responseStatus, {
    metadata: {},
    status: "Failure",
    message: "no",
    reason: "Forbidden",
    code: 403,
  });
});

test("a file that is full is put aside, and only so many are kept", async () => {
  const directory = await mkdtemp(join(tmpdir(), "audit-"));
  try {
    const clock = new VirtualClock();
    const path = join(directory, "audit.log");
    const options = { path, sizeBytesMax: 100, ageDaysMax: 0, backupsMax: 2, clock, log: silentLogger };
    for (let round = 0; round < 5; round++) {
      await using file = new AuditFile(options);
      file.write(JSON.stringify({ round, text: "x".repeat(80) }));
      await clock.advance(1000);
    }
    const names = (await readdir(directory)).sort();
    assert.equal(names.length, 3, names.join(" "));
    assert.equal(JSON.parse(await readFile(path, "utf8")).round, 4);
  } finally {
    await rm(directory, { recursive: true });
  }
});
