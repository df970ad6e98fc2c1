import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterRoleBindingKind } from "./cluster-role-binding/kind.ts";
import { clusterRoleKind } from "./cluster-role/kind.ts";
import { type AnyBinding, applyBindingDefaults } from "./binding.ts";
import type { PolicyRule } from "./policy-rule.ts";
import { roleBindingKind } from "./role-binding/kind.ts";
import { roleKind } from "./role/kind.ts";

const metadata = { name: "x", namespace: "n" };
const READ_PODS: PolicyRule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };

test("a role's rules say verbs and either resources or, cluster-wide, paths", () => {
  const cases: readonly [PolicyRule, readonly string[], readonly string[]][] = [
    [READ_PODS, [], []],
    [{ ...READ_PODS, verbs: [] }, ["rules[0].verbs"], ["rules[0].verbs"]],
    [{ verbs: ["get"] }, ["rules[0].apiGroups", "rules[0].resources"], ["rules[0].apiGroups", "rules[0].resources"]],
    [{ verbs: ["get"], nonResourceURLs: ["/x"] }, ["rules[0].nonResourceURLs"], []],
    [
      { ...READ_PODS, nonResourceURLs: ["/x"] },
      ["rules[0].nonResourceURLs", "rules[0].nonResourceURLs"],
      ["rules[0].nonResourceURLs"],
    ],
  ];
  for (const [rule, inRole, inClusterRole] of cases) {
    const fields = (errors: readonly { field: string }[] = []) => errors.map(({ field }) => field);
    assert.deepEqual(fields(roleKind.validateCreate?.({ metadata, rules: [rule] })), inRole);
    assert.deepEqual(fields(clusterRoleKind.validateCreate?.({ metadata, rules: [rule] })), inClusterRole);
  }
});

test("a rule of aggregation needs a selector that is one", () => {
  const check = (aggregationRule: object) => clusterRoleKind.validateCreate?.({ metadata, aggregationRule }) ?? [];
  assert.match(check({})[0]?.message ?? "", /at least one clusterRoleSelector required/);
  assert.deepEqual(check({ clusterRoleSelectors: [{ matchLabels: { a: "b" } }] }), []);
  assert.deepEqual(
    check({ clusterRoleSelectors: [{ matchExpressions: [{ key: "a", operator: "Is" }] }] }).map(({ field }) => field),
    ["aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator", "aggregationRule.clusterRoleSelectors[0]"],
  );
});

const bindingOf = (subjects: AnyBinding["subjects"], roleRef: object = { kind: "ClusterRole", name: "view" }) => {
  const binding = { metadata, roleRef, subjects } as AnyBinding; // some cases are wrong on purpose
  applyBindingDefaults(binding);
  return binding;
};

test("a binding names a role and subjects, with their groups filled in", () => {
  const good = bindingOf([
    { kind: "User", name: "u" },
    { kind: "Group", name: "g" },
    { kind: "ServiceAccount", name: "s", namespace: "n" },
  ]);
  assert.deepEqual(roleBindingKind.validateCreate?.(good), []);
  assert.deepEqual(clusterRoleBindingKind.validateCreate?.(good), []);
  assert.equal(good.subjects?.[0]?.apiGroup, "rbac.authorization.k8s.io");
  assert.equal(good.subjects?.[2]?.apiGroup, undefined);
});

test("a binding without a fit role or subject is refused with the field", () => {
  const cases: readonly [AnyBinding, readonly string[]][] = [
    [bindingOf([], { kind: "Role", name: "r" }), ["roleRef.kind"]],
    [bindingOf([], { kind: "ClusterRole", name: "" }), ["roleRef.name"]],
    [bindingOf([], { kind: "ClusterRole", name: "a/b" }), ["roleRef.name"]],
    [bindingOf([], { kind: "ClusterRole", name: "a", apiGroup: "x" }), ["roleRef.apiGroup"]],
    [bindingOf([{ kind: "User", name: "" }]), ["subjects[0].name"]],
    [bindingOf([{ kind: "Robot", name: "r" }]), ["subjects[0].kind"]],
    [bindingOf([{ kind: "ServiceAccount", name: "S!" }]), ["subjects[0].name", "subjects[0].namespace"]],
    [bindingOf([{ kind: "User", name: "u", apiGroup: "x" }]), ["subjects[0].apiGroup"]],
  ];
  for (const [binding, fields] of cases) {
    assert.deepEqual(
      clusterRoleBindingKind.validateCreate?.(binding).map(({ field }) => field),
      fields,
    );
  }
});

test("a binding keeps its role for life", () => {
  const old = bindingOf([]);
  const other = bindingOf([], { kind: "ClusterRole", name: "admin" });
  assert.deepEqual(
    roleBindingKind.validateUpdate?.(other, old).map(({ field }) => field),
    ["roleRef"],
  );
});
