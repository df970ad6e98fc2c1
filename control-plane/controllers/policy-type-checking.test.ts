import { ValidatingAdmissionPolicy } from "@atoll/api/admission-registration/validating-admission-policy/kind";
import type { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import type { Validation } from "@atoll/api/generated/types";
import assert from "node:assert/strict";
import { test } from "node:test";
import { typeWarnings } from "./policy-expression-types.ts";
import { policyTypeChecking } from "./policy-type-checking.ts";
import { startWorld } from "./test-world.ts";

function policyFor(
  rule: Record<string, string[]>,
  validations: Validation[],
  more: Partial<ValidatingAdmissionPolicy["spec"]> = {},
): ValidatingAdmissionPolicy {
  return {
    metadata: { name: "p", generation: 1 },
    spec: { matchConstraints: { resourceRules: [{ operations: ["*"], ...rule }] }, validations, ...more },
  };
}

const DEPLOYMENTS = { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] };

const CRONTABS = {
  metadata: { name: "crontabs.example.com" },
  spec: {
    group: "example.com",
    names: { kind: "CronTab", plural: "crontabs" },
    scope: "Namespaced",
    versions: [
      {
        ...{ name: "v1", served: true, storage: true },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { replicas: { type: "integer" } } } },
          },
        },
      },
    ],
  },
} as CustomResourceDefinition; // as far as the checks look

test("expressions that fit give no warnings", () => {
  const fitting = policyFor(
    DEPLOYMENTS,
    [
      { expression: "object.spec.replicas > variables.least && object.metadata.name != ''" },
      { expression: "object.spec.template.spec.containers.all(c, c.image.startsWith('a'))" },
      { expression: "type(object.spec.strategy.rollingUpdate.maxSurge) == int" },
      { expression: "object.metadata.labels['x'] == params.data.x" },
    ],
    { variables: [{ name: "least", expression: "1" }], paramKind: { apiVersion: "v1", kind: "ConfigMap" } },
  );
  assert.deepEqual(typeWarnings(fitting, []), []);
});

test("expressions that do not fit are named, each with the kind", () => {
  const [first, second, ...more] = typeWarnings(
    policyFor(DEPLOYMENTS, [
      {
        expression: "object.spec.replicas > '1'",
        messageExpression: "'wants replicas > 1, got ' + object.spec.replicas",
      },
    ]),
    [],
  );
  assert.equal(first?.fieldRef, "spec.validations[0].expression");
  assert.equal(
    first?.warning,
    "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n" +
      " | object.spec.replicas > '1'\n | .....................^\n",
  );
  assert.equal(second?.fieldRef, "spec.validations[0].messageExpression");
  assert.match(second?.warning ?? "", /no matching overload for '_\+_' applied to '\(string, int\)'/);
  assert.deepEqual(more, []);
});

test("kinds of definitions are known, too", () => {
  const rule = { apiGroups: ["example.com"], apiVersions: ["v1"], resources: ["crontabs"] };
  const validations = [
    { expression: "object.spec.replicas > '1'" },
    { expression: "object.spec.maxRetries < 10" },
    { expression: "object.spec.replicas > 1" },
  ];
  const warnings = typeWarnings(policyFor(rule, validations), [CRONTABS]);
  assert.deepEqual(
    warnings.map(({ fieldRef }) => fieldRef),
    ["spec.validations[0].expression", "spec.validations[1].expression"],
  );
  assert.match(warnings[1]?.warning ?? "", /undefined field 'maxRetries'/);
});

test("wildcards and unknown kinds are not looked at", () => {
  const validations = [{ expression: "object.nothing == 1" }];
  assert.deepEqual(typeWarnings(policyFor({ ...DEPLOYMENTS, apiGroups: ["*"] }, validations), []), []);
  assert.deepEqual(typeWarnings(policyFor({ ...DEPLOYMENTS, resources: ["unknown"] }, validations), []), []);
});

test("every built-in kind has a type, those that hold themselves too", () => {
  const resources = ["customresourcedefinitions"];
  const rule = { apiGroups: ["apiextensions.k8s.io"], apiVersions: ["v1"], resources };
  assert.deepEqual(typeWarnings(policyFor(rule, [{ expression: "object.spec.names.kind != ''" }]), []), []);
});

test("a policy is looked at once for each generation", async (t) => {
  const { api, clock } = startWorld(t, [policyTypeChecking]);
  await api.create(ValidatingAdmissionPolicy, policyFor(DEPLOYMENTS, [{ expression: "object.spec.replicas > '1'" }]));
  await clock.advance(1000);
  const { status } = await api.get(ValidatingAdmissionPolicy, { name: "p" });
  assert.equal(status?.observedGeneration, 1);
  assert.equal(status?.typeChecking?.expressionWarnings?.length, 1);
  const before = api.writes.length;
  await clock.advance(60_000);
  assert.equal(api.writes.length, before);
});
