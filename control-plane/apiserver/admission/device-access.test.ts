import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Json, TestServer } from "../test-server.ts";
import type { User } from "../request/request.ts";

const CLAIMS = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const MERGE = "application/merge-patch+json";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const claimOf = (name: string, adminAccess: boolean): Json => ({
  metadata: { name },
  spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "c", adminAccess } }] } },
});

const nodeSelector = {
  nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] }],
};
const allocationOf = (adminAccess?: boolean): Json => ({
  devices: { results: [{ request: "r", driver: "d.example.com", pool: "p", device: "x", adminAccess }] },
  nodeSelector,
});

async function grant(name: string, ...rules: readonly [verbs: string[], resource: string][]): Promise<void> {
  const body = {
    metadata: { name },
    rules: rules.map(([verbs, resource]) => ({ apiGroups: ["resource.k8s.io"], verbs, resources: [resource] })),
  };
  await server.call("POST", `${RBAC}/clusterroles`, { body });
  const subjects = [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name }];
  const roleRef = { kind: "ClusterRole", apiGroup: "rbac.authorization.k8s.io", name };
  const made = await server.call("POST", `${RBAC}/clusterrolebindings`, {
    body: { metadata: { name }, subjects, roleRef },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
}

const patchStatus = (name: string, status: Json, user?: User) =>
  server.call("PATCH", `${CLAIMS}/${name}/status`, {
    body: { status },
    contentType: MERGE,
    ...(user ? { user } : {}),
  });

test("an administrator's access takes a namespace that allows it", async () => {
  const { status, body } = await server.call("POST", CLAIMS, { body: claimOf("admin", true) });
  assert.equal(status, 422);
  const [cause] = body.details.causes;
  assert.deepEqual([cause.reason, cause.field], ["FieldValueForbidden", "spec.devices.requests[0].adminAccess"]);
  assert.match(cause.message, /requires the `resource\.kubernetes\.io\/admin-access: true` label/);
  const templates = CLAIMS.replace("resourceclaims", "resourceclaimtemplates");
  const template = { metadata: { name: "t" }, spec: { spec: claimOf("", true).spec } };
  assert.equal((await server.call("POST", templates, { body: template })).status, 422);
  const unsound = { metadata: { name: "t" }, spec: { metadata: { labels: { a: "%" } }, spec: claimOf("", true).spec } };
  const { causes } = (await server.call("POST", templates, { body: unsound })).body.details;
  const fields = causes.map(({ field }: { field: string }) => field);
  assert.deepEqual(fields, ["spec.devices.requests[0].adminAccess", "spec.metadata.labels"]);
  assert.equal((await server.call("POST", templates, { body: { metadata: { name: "empty" } } })).status, 201);
  assert.equal((await server.call("POST", CLAIMS, { body: claimOf("plain", false) })).status, 201);
  assert.equal((await patchStatus("plain", { allocation: allocationOf(true) })).status, 422);

  const labels = { "resource.kubernetes.io/admin-access": "true" };
  await server.call("PATCH", "/api/v1/namespaces/default", { body: { metadata: { labels } }, contentType: MERGE });
  assert.equal((await server.call("POST", CLAIMS, { body: claimOf("admin", true) })).status, 201);
});

test("the status of a claim is for who binds it, and for drivers each of its own devices", async () => {
  assert.equal((await server.call("POST", CLAIMS, { body: claimOf("shared", false) })).status, 201);
  const status: [string[], string] = [["patch"], "resourceclaims/status"];
  const ann: User = { name: "ann", groups: [] };
  await grant("ann", status);
  const refused = await patchStatus("shared", { allocation: allocationOf() }, ann);
  assert.equal(refused.status, 422);
  const message: string = refused.body.details.causes[0].message;
  assert.match(
    message,
    /requires resource="resourceclaims\/binding", verb="patch" permission: .*User "ann" cannot patch/,
  );
  const binder: User = { name: "binder", groups: [] };
  await grant("binder", status, [["patch"], "resourceclaims/binding"]);
  const bound = await patchStatus("shared", { allocation: allocationOf() }, binder);
  assert.equal(bound.status, 200, JSON.stringify(bound.body));

  const devices = [{ driver: "d.example.com", pool: "p", device: "x", conditions: [] }];
  const byBinder = await patchStatus("shared", { devices }, binder);
  assert.equal(byBinder.status, 422);
  assert.match(byBinder.body.details.causes[0].message, /verb="\[arbitrary-node:patch\]" permission: /);
  const account = (node: string): User => ({
    name: "system:serviceaccount:default:driver",
    groups: [],
    extra: { "authentication.kubernetes.io/node-name": [node] },
  });
  await grant("system:serviceaccount:default:driver", status, [["associated-node:patch"], "resourceclaims/driver"]);
  assert.equal((await patchStatus("shared", { devices }, account("n2"))).status, 422);
  const told = await patchStatus("shared", { devices }, account("n1"));
  assert.equal(told.status, 200, JSON.stringify(told.body));
});
