// Roles as users meet them: on a whole server, through its API.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { clusterRoleBindings } from "./authorization/bootstrap/bindings.ts";
import { clusterRoles } from "./authorization/bootstrap/cluster-roles.ts";
import { controllerRoles } from "./authorization/bootstrap/controller-roles.ts";
import { AUTOUPDATE_ANNOTATION } from "./authorization/bootstrap/notation.ts";
import type { User } from "./request/request.ts";
import { bindingOf, BINDINGS, grantRole, RBAC, READ_MAPS, roleOf, ROLES, userOf } from "./test-roles.ts";
import { configMapOf, type Json, TestServer } from "./test-server.ts";

const CORE = "/api/v1/namespaces/default";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const call = (method: string, path: string, user?: User, body?: Json, headers?: Record<string, string>) =>
  server.call(method, path, { user, body, headers });
const grant = (name: string, rules: Json) => grantRole(server, name, rules);

describe("built-in roles", () => {
  test("are there at the start, all of them", async () => {
    const { items } = (await call("GET", `${RBAC}/clusterroles`, undefined)).body;
    assert.equal(items.length, clusterRoles.length + controllerRoles.length);
    const bindings = (await call("GET", `${RBAC}/clusterrolebindings`, undefined)).body.items;
    assert.equal(bindings.length, clusterRoleBindings.length);
    const admin = items.find(({ metadata }: Json) => metadata.name === "admin");
    assert.equal(admin.metadata.annotations[AUTOUPDATE_ANNOTATION], "true");
    assert.equal(admin.aggregationRule.clusterRoleSelectors.length, 1);
  });

  test("are completed at the next start, keep what was added, and are left alone where their owner says so", async () => {
    await using first = await TestServer.start();
    const path = (name: string) => `${RBAC}/clusterroles/${name}`;
    const change = async (name: string, edit: (role: Json) => void) => {
      const role = (await first.call("GET", path(name))).body;
      edit(role);
      assert.equal((await first.call("PUT", path(name), { body: role })).status, 200);
    };
    await change("system:basic-user", (role) => {
      role.rules = READ_MAPS;
    });
    await change("system:discovery", (role) => {
      role.rules = [];
      role.metadata.annotations[AUTOUPDATE_ANNOTATION] = "false";
    });
    await first.call("DELETE", `${RBAC}/clusterrolebindings/system:discovery`);
    await using second = await TestServer.start(first.store);
    const rulesOf = async (name: string) => (await second.call("GET", path(name))).body.rules ?? [];
    const basic = await rulesOf("system:basic-user");
    assert.deepEqual(basic[0], READ_MAPS[0]);
    assert.ok(basic.length > 1);
    assert.deepEqual(await rulesOf("system:discovery"), []);
    assert.equal((await second.call("GET", `${RBAC}/clusterrolebindings/system:discovery`)).status, 200);
    const before = await first.store.currentRevision();
    await using _third = await TestServer.start(first.store);
    assert.equal(await first.store.currentRevision(), before, "a start that finds everything writes nothing");
  });
});

describe("a user with a role", () => {
  test("does what it says at once, and no more", async () => {
    const ann = await grant("ann", READ_MAPS);
    assert.equal((await call("GET", `${CORE}/configmaps`, ann)).status, 200);
    assert.equal((await call("GET", "/api/v1/namespaces/kube-system/configmaps", ann)).status, 403);
    const refused = await call("POST", `${CORE}/configmaps`, ann, configMapOf("x"));
    assert.equal(
      refused.body.message,
      'configmaps is forbidden: User "ann" cannot create resource "configmaps" in API group "" in the namespace "default"',
    );
    await call("DELETE", `${BINDINGS}/ann`, undefined);
    await call("GET", `${BINDINGS}`, undefined);
    assert.equal((await call("GET", `${CORE}/configmaps`, ann)).status, 403);
  });
});

describe("handing out rights", () => {
  const WRITE_ROLES = [
    { verbs: ["*"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings"] },
    ...READ_MAPS,
  ];

  test("needs having them", async () => {
    const bob = await grant(
      "bob",
      WRITE_ROLES.map((rule) => ({
        ...rule,
        verbs: rule.verbs.flatMap((verb) => (verb === "*" ? ["create", "update", "patch", "get"] : [verb])),
      })),
    );
    assert.equal((await call("POST", ROLES, bob, roleOf("maps"))).status, 201);
    const more = [{ verbs: ["get", "list"], apiGroups: [""], resources: ["secrets"] }];
    const refused = await call("POST", ROLES, bob, roleOf("secrets", more));
    assert.equal(refused.status, 403);
    assert.equal(
      refused.body.message,
      'roles.rbac.authorization.k8s.io "secrets" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    );
    assert.equal((await call("PUT", `${ROLES}/maps`, bob, roleOf("maps", more))).status, 403);
    assert.equal((await call("POST", BINDINGS, bob, bindingOf("b1", "Role", "maps", "eve"))).status, 201);
    assert.equal(
      (await call("POST", BINDINGS, bob, bindingOf("b2", "ClusterRole", "cluster-admin", "bob"))).status,
      403,
    );
    const missing = await call("POST", BINDINGS, bob, bindingOf("b3", "ClusterRole", "nowhere", "bob"));
    assert.equal(missing.status, 404);
    assert.equal(missing.body.message, 'clusterroles.rbac.authorization.k8s.io "nowhere" not found');
  });

  test("is free to whoever may escalate and bind", async () => {
    const carol = await grant("carol", WRITE_ROLES);
    assert.equal(
      (await call("POST", ROLES, carol, roleOf("any", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]))).status,
      201,
    );
    assert.equal((await call("POST", BINDINGS, carol, bindingOf("any", "Role", "any", "carol"))).status, 201);
    // The star is in this namespace and on roles: cluster roles are another matter.
    assert.equal((await call("POST", `${RBAC}/clusterroles`, carol, roleOf("any"))).status, 403);
  });

  test("through an aggregation needs everything", async () => {
    await call(
      "POST",
      `${RBAC}/clusterroles`,
      undefined,
      roleOf("writes-cluster-roles", [
        { verbs: ["create"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] },
      ]),
    );
    await call(
      "POST",
      `${RBAC}/clusterrolebindings`,
      undefined,
      bindingOf("dan", "ClusterRole", "writes-cluster-roles", "dan"),
    );
    const role = {
      metadata: { name: "all" },
      rules: [],
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
    };
    const refused = await call("POST", `${RBAC}/clusterroles`, userOf("dan"), role);
    assert.match(refused.body.message, /must have cluster-admin privileges to use the aggregationRule$/);
  });
});
