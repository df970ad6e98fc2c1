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

test("who spells an amount otherwise in a list that is owned as a whole owns it, as who says that something is empty", async () => {
  const ownersAfter = async (path: string, first: object, second: object): Promise<string[]> => {
    await server.call("POST", `${path}?fieldManager=first`, { body: { metadata: { name: "owned" }, ...first } });
    const body = { metadata: { name: "owned" }, ...second };
    const answer = await server.call("PUT", `${path}/owned?fieldManager=second`, { body });
    return answer.body.metadata.managedFields.map(({ manager }: { manager: string }) => manager);
  };
  const limits = (cpu: string) => ({ spec: { limits: [{ type: "Pod", max: { cpu } }] } });
  const ranges = "/api/v1/namespaces/default/limitranges";
  assert.deepEqual(await ownersAfter(ranges, limits("1.5"), limits("1500m")), ["first"]);
  assert.deepEqual(await ownersAfter(ranges, limits("1.5"), limits("1.5")), ["second"]);
  const rules = (more: object) => ({ rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"], ...more }] });
  const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
  assert.deepEqual(await ownersAfter(roles, rules({}), rules({})), ["first"]);
  assert.deepEqual(await ownersAfter(roles, rules({}), rules({ resourceNames: [] })), ["second"]);
});

test("who applies a status first leaves to nobody what a status does not say", async () => {
  const path = "/apis/apps/v1/namespaces/default/deployments";
  const labels = { app: "a" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
  const body = { metadata: { name: "stated", labels }, spec: { selector: { matchLabels: labels }, template } };
  await server.call("POST", path, { body });
  const apply = (at: string, more: object) =>
    server.call("PATCH", `${path}/stated${at}`, {
      body: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "stated" }, ...more },
      contentType: "application/apply-patch+yaml",
    });
  await server.call("PATCH", `${path}/stated`, {
    body: { metadata: { managedFields: [{}] } },
    contentType: "application/merge-patch+json",
  });
  const condition = { type: "Own", status: "True" };
  assert.equal((await apply("/status?fieldManager=one", { status: { conditions: [condition] } })).status, 200);
  const changed = await apply("?fieldManager=two", { spec: { replicas: 0 } });
  assert.equal(changed.status, 200, changed.body.message);
});
