// Roles with an unmodified kubectl: what administrators type, and what those they bind may do.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ensureUp, getObject, kubectl, makeNamespace, tryKubectl, until } from "../harness/machine.ts";

let namespace = "";

before(() => {
  ensureUp();
  namespace = makeNamespace("access");
});

const inNamespace = (...args: string[]) => kubectl(["-n", namespace, ...args]);
const canI = (user: string, ...question: string[]) =>
  tryKubectl(["-n", namespace, "auth", "can-i", ...question, "--as", user]).stdout.trim();

test("the built-in aggregated roles have their rules", async () => {
  for (const name of ["admin", "edit", "view"]) {
    await until(`rules of ${name}`, () => getObject("", "clusterrole", name).rules?.length > 0);
  }
});

test("who I am, and all I may do", () => {
  const me = kubectl(["auth", "whoami"]);
  assert.match(me, /kubernetes-admin/);
  assert.match(me, /system:masters/);
  assert.match(kubectl(["auth", "can-i", "--list"]), /\*\.\*/);
  const other = kubectl(["auth", "whoami", "--as=ann", "--as-group=a,b", "--as-group=c", "--as-uid=7"]);
  assert.match(other, /ann/);
  assert.match(other, /\ba,b\b|\ba b c\b/);
});

test("roles and bindings made by kubectl hold at once", () => {
  inNamespace("create", "role", "maps", "--verb=get,list", "--resource=configmaps");
  inNamespace("create", "rolebinding", "maps", "--role=maps", "--user=ann");
  assert.equal(canI("ann", "get", "configmaps"), "yes");
  assert.equal(canI("ann", "delete", "configmaps"), "no");
  assert.equal(canI("bob", "get", "configmaps"), "no");
  kubectl(["create", "clusterrole", "nodes-e2e", "--verb=get", "--resource=nodes", "--resource-name=host-1"]);
  kubectl(["create", "clusterrolebinding", "nodes-e2e", "--clusterrole=nodes-e2e", "--group=crew"]);
  assert.equal(tryKubectl(["get", "node", "host-1", "--as=x", "--as-group=crew"]).code, 0);
  assert.match(
    tryKubectl(["get", "nodes", "--as=x", "--as-group=crew"]).stderr,
    /nodes is forbidden: User "x" cannot list/,
  );
  assert.match(inNamespace("get", "rolebindings", "-o", "wide"), /Role\/maps +\S+ +ann/);
  assert.match(inNamespace("describe", "role", "maps"), /configmaps +\[\] +\[\] +\[get list\]/);
  kubectl(["delete", "clusterrole,clusterrolebinding", "nodes-e2e"]);
});

test("auth reconcile brings roles about and mends them", () => {
  const manifest = (verbs: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: mended, namespace: ${namespace}}
rules: [{verbs: [${verbs}], apiGroups: [""], resources: [pods]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: mended, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: mended}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: carol}]
`;
  kubectl(["auth", "reconcile", "-f", "-"], { input: manifest("get") });
  assert.equal(canI("carol", "list", "pods"), "no");
  kubectl(["auth", "reconcile", "-f", "-"], { input: manifest("get, list") });
  assert.equal(canI("carol", "list", "pods"), "yes");
});

test("an editor of a namespace cannot make himself more", async () => {
  inNamespace("create", "rolebinding", "admins", "--clusterrole=admin", "--user=dan");
  await until("the admin's rights", () => canI("dan", "create", "rolebindings") === "yes");
  const asDan = (...args: string[]) => tryKubectl(["-n", namespace, "--as=dan", ...args]);
  assert.equal(asDan("create", "rolebinding", "viewers", "--clusterrole=view", "--user=eve").code, 0);
  const greedy = asDan("create", "rolebinding", "greedy", "--clusterrole=cluster-admin", "--user=dan");
  assert.match(greedy.stderr, /is attempting to grant RBAC permissions not currently held/);
  assert.match(asDan("create", "clusterrolebinding", "g", "--clusterrole=view", "--user=dan").stderr, /forbidden/);
});

test("a pod's service account may do what its binding says", async () => {
  await until(
    "the default account",
    () => tryKubectl(["-n", namespace, "get", "serviceaccount", "default"]).code === 0,
  );
  inNamespace("create", "rolebinding", "account", "--role=maps", `--serviceaccount=${namespace}:default`);
  const account = `system:serviceaccount:${namespace}:default`;
  assert.equal(canI(account, "list", "configmaps"), "yes");
  assert.equal(canI(account, "list", "secrets"), "no");
});
