// Pod security as users meet it: on a whole server, through its API.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Json, podOf, TestServer } from "../../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const LABEL = "pod-security.kubernetes.io/";

async function namespace(name: string, labels: Record<string, string>): Promise<string> {
  const prefixed = Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${LABEL}${key}`, value]));
  const { status } = await server.call("POST", "/api/v1/namespaces", {
    body: { metadata: { name, labels: prefixed } },
  });
  assert.equal(status, 201);
  const core = `/api/v1/namespaces/${name}`;
  await server.call("POST", `${core}/serviceaccounts`, { body: { metadata: { name: "default" } } });
  await server.call("GET", core);
  return core;
}

const post = (path: string, body: Json) => server.call("POST", path, { body });
const merge = (path: string, body: Json) =>
  server.call("PATCH", path, { body, contentType: "application/merge-patch+json" });
const warningsOf = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => headers.warning ?? "";

test("a pod below the level of its namespace is refused, and not warned about as well", async () => {
  const core = await namespace("baseline", { enforce: "baseline" });
  assert.equal((await post(`${core}/pods`, podOf("fine"))).status, 201);
  const answer = await post(`${core}/pods`, podOf("bad", { hostPID: true }));
  assert.equal(answer.status, 403);
  assert.equal(
    answer.body.message,
    'pods "bad" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  );
  assert.doesNotMatch(warningsOf(answer), /PodSecurity/);
});

test("what makes pods is warned about only, and so are pods of a namespace that warns", async () => {
  const core = await namespace("warned", { enforce: "baseline", warn: "restricted", "warn-version": "v1.30" });
  const made = await post(`${core}/pods`, podOf("p"));
  assert.equal(made.status, 201);
  assert.match(warningsOf(made), /would violate PodSecurity \\"restricted:v1.30\\": allowPrivilegeEscalation != false/);
  const labels = { app: "a" };
  const template = { metadata: { labels }, spec: { hostPID: true, containers: [{ name: "c", image: "x" }] } };
  const deployment = { metadata: { name: "d" }, spec: { selector: { matchLabels: labels }, template } };
  const answer = await post("/apis/apps/v1/namespaces/warned/deployments", deployment);
  assert.equal(answer.status, 201);
  assert.match(
    warningsOf(answer),
    /would violate PodSecurity \\"restricted:v1.30\\": host namespaces \(hostPID=true\)/,
  );
});

test("a pod that is there may change what the level does not look at", async () => {
  const core = await namespace("later", {});
  assert.equal((await post(`${core}/pods`, podOf("old", { hostPID: true }))).status, 201);
  const enforced = await merge(core, { metadata: { labels: { [`${LABEL}enforce`]: "baseline" } } });
  assert.match(
    warningsOf(enforced),
    /existing pods in namespace \\"later\\" violate the new PodSecurity enforce level \\"baseline:latest\\".*old: host namespaces/,
  );
  assert.equal((await merge(`${core}/pods/old`, { metadata: { labels: { a: "b" } } })).status, 200);
  const image = { spec: { containers: [{ name: "c", image: "other" }] } };
  const refused = await server.call("PATCH", `${core}/pods/old`, {
    body: image,
    contentType: "application/strategic-merge-patch+json",
  });
  assert.equal(refused.status, 403);
  const relaxed = await merge(core, { metadata: { labels: { [`${LABEL}enforce`]: "privileged" } } });
  assert.doesNotMatch(warningsOf(relaxed), /PodSecurity/);
});

test("labels that are none are refused; wrong ones that were there already hinder nobody", async () => {
  const labels = { [`${LABEL}enforce`]: "strict" };
  const answer = await post("/api/v1/namespaces", { metadata: { name: "wrong", labels } });
  assert.equal(answer.status, 422);
  assert.equal(
    answer.body.message,
    `Namespace "wrong" is invalid: metadata.labels[${LABEL}enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted`,
  );
});
