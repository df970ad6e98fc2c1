// Test support: roles in the default namespace, as an administrator gives them.

import assert from "node:assert/strict";
import type { User } from "./request/request.ts";
import type { Json, TestServer } from "./test-server.ts";

export const RBAC = "/apis/rbac.authorization.k8s.io/v1";
export const ROLES = `${RBAC}/namespaces/default/roles`;
export const BINDINGS = `${RBAC}/namespaces/default/rolebindings`;

export const READ_MAPS = [{ verbs: ["get", "list"], apiGroups: [""], resources: ["configmaps"] }];

export const userOf = (name: string, ...groups: string[]): User => ({
  name,
  groups: [...groups, "system:authenticated"],
});
export const roleOf = (name: string, rules: Json = READ_MAPS) => ({ metadata: { name }, rules });
export const bindingOf = (name: string, kind: string, role: string, ...users: string[]) => ({
  metadata: { name },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: role },
  subjects: users.map((each) => ({ kind: "User", name: each })),
});

/** Gives the user of this name the rules. */
export async function grantRole(server: TestServer, name: string, rules: Json): Promise<User> {
  assert.equal((await server.call("POST", ROLES, { body: roleOf(name, rules) })).status, 201);
  const binding = bindingOf(name, "Role", name, name);
  assert.equal((await server.call("POST", BINDINGS, { body: binding })).status, 201);
  return userOf(name);
}
