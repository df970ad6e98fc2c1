// Expressions of CEL where users write them: in schemas of custom resources, in admission policies, and evaluated, with an object
// for them to look at.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { expression } from "../expressions.ts";
import { below, oddText, skewed } from "../odd-values.ts";
import { type FuzzTarget, type InputContext, NAMESPACE, type TargetSetup } from "../target.ts";

const POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const MUTATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies";
const BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const JSON_HEADERS = { "content-type": "application/json" };
const ENTRIES_MAX = 2000;

const POLICY_VARIABLES = [
  "object",
  "object",
  "oldObject",
  "request",
  "namespaceObject",
  "params",
  "authorizer",
  "variables.v",
  "object.data",
];
const SCHEMA_VARIABLES = ["self", "self", "self.list", "self.map", "self.text", "self.number", "self.deep", "oldSelf"];

export const cel: FuzzTarget = {
  name: "cel",
  what: "expressions in schemas and admission policies, and their evaluation",
  async open({ make, lanes }: TargetSetup) {
    // Each connection has a policy of its own, which means objects of its name alone.
    for (let lane = 0; lane < lanes; lane++) {
      await make("POST", POLICIES, policy(`lane-${lane}`, { validations: [{ expression: "true" }] }, lane));
      const spec = { policyName: `lane-${lane}`, validationActions: ["Deny"] };
      const type = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicyBinding" };
      await make("POST", BINDINGS, { ...type, metadata: { name: `lane-${lane}` }, spec });
    }
    return {
      send: sendExpression,
      async [Symbol.asyncDispose]() {
        await make("DELETE", BINDINGS);
        await make("DELETE", POLICIES);
      },
    };
  },
};

async function sendExpression(context: InputContext): Promise<void> {
  const { random, call, index } = context;
  const draw = random.float();
  if (draw < 0.5) await evaluate(context);
  else if (draw < 0.7) {
    const body = JSON.stringify(definition(random, index));
    await call({ method: "POST", target: `${DEFINITIONS}?dryRun=All`, headers: JSON_HEADERS, body });
  } else if (draw < 0.9) {
    const body = JSON.stringify(policy(`c${index}`, policySpec(random), 0));
    await call({ method: "POST", target: `${POLICIES}?dryRun=All`, headers: JSON_HEADERS, body });
  } else {
    const body = JSON.stringify(mutation(random, `c${index}`));
    await call({ method: "POST", target: `${MUTATIONS}?dryRun=All`, headers: JSON_HEADERS, body });
  }
}

/** The policy of the connection says something else, and an object is held to it. */
async function evaluate({ random, call, laneNumber, index }: InputContext): Promise<void> {
  const name = `lane-${laneNumber}`;
  const body = JSON.stringify(policy(name, policySpec(random), laneNumber));
  const written = await call({ method: "PUT", target: `${POLICIES}/${name}`, headers: JSON_HEADERS, body });
  if (written.type !== "answer" || written.status !== 200) return;
  const object = JSON.stringify({
    ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: `e${index}`, labels: { lane: `${laneNumber}` } } },
    data: entries(random),
  });
  await call({ method: "POST", target: `${CONFIG_MAPS}?dryRun=All`, headers: JSON_HEADERS, body: object });
}

function entries(random: Random): Record<string, string> {
  const count = chance(random, 0.8) ? below(random, 5) : skewed(random, ENTRIES_MAX);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`k${index}`, index % 7 ? "a".repeat(20) : oddText(random)]),
  );
}

function policy(name: string, spec: object, lane: number): object {
  const objectSelector = { matchLabels: { lane: `${lane}` } };
  const resourceRules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
  return {
    ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", metadata: { name } },
    spec: { failurePolicy: "Fail", matchConstraints: { resourceRules, objectSelector }, ...spec },
  };
}

function policySpec(random: Random): object {
  const write = () => expression(random, POLICY_VARIABLES);
  const some = (make: () => object, most: number) => Array.from({ length: below(random, most + 1) }, make);
  return {
    validations: [
      { expression: boolean(random, write()), ...(chance(random, 0.2) ? { messageExpression: write() } : {}) },
      ...some(() => ({ expression: boolean(random, write()) }), 2),
    ],
    ...(chance(random, 0.4)
      ? {
          variables: [
            { name: "v", expression: write() },
            ...some(() => ({ name: pick(random, ["w", "v", "", "__proto__", "a.b"]), expression: write() }), 2),
          ],
        }
      : {}),
    ...(chance(random, 0.2)
      ? {
          matchConditions: some(
            () => ({ name: pick(random, ["m", "n", ""]), expression: boolean(random, write()) }),
            2,
          ),
        }
      : {}),
    ...(chance(random, 0.15) ? { auditAnnotations: [{ key: "k", valueExpression: write() }] } : {}),
    ...(chance(random, 0.3) ? { failurePolicy: pick(random, ["Fail", "Ignore"]) } : {}),
  };
}

/** Of the type that is wanted, mostly. */
function boolean(random: Random, text: string): string {
  return chance(random, 0.6)
    ? pick(random, [`dyn(${text}) != null`, `(${text}) == (${text})`, `type(${text}) == type(1) || true`])
    : text;
}

function mutation(random: Random, name: string): object {
  const resourceRules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] }];
  const inner = expression(random, POLICY_VARIABLES);
  const mutations = [
    {
      patchType: "ApplyConfiguration",
      applyConfiguration: {
        expression: chance(random, 0.5) ? `Object{metadata: Object.metadata{labels: {"a": string(${inner})}}}` : inner,
      },
    },
    {
      patchType: "JSONPatch",
      jsonPatch: { expression: chance(random, 0.5) ? `[JSONPatch{op: "add", path: "/data", value: ${inner}}]` : inner },
    },
  ];
  return {
    ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingAdmissionPolicy", metadata: { name } },
    spec: { matchConstraints: { resourceRules }, reinvocationPolicy: "Never", mutations: [pick(random, mutations)] },
  };
}

function definition(random: Random, index: number): object {
  const rules = () =>
    Array.from({ length: 1 + below(random, 3) }, () => ({
      rule: boolean(random, expression(random, SCHEMA_VARIABLES)),
      ...(chance(random, 0.2) ? { messageExpression: expression(random, SCHEMA_VARIABLES) } : {}),
      ...(chance(random, 0.2)
        ? { fieldPath: pick(random, [".text", ".list[0]", ".none", "x", ".map['a']", "..", ""]) }
        : {}),
      ...(chance(random, 0.1) ? { reason: pick(random, ["FieldValueInvalid", "x"]) } : {}),
      ...(chance(random, 0.1) ? { optionalOldSelf: true } : {}),
    }));
  const maybe = (schema: object) =>
    chance(random, 0.25) ? { ...schema, "x-kubernetes-validations": rules() } : schema;
  const limit = (name: string) => (chance(random, 0.5) ? { [name]: skewed(random, 10_000) } : {});
  const text = {
    type: "string",
    ...limit("maxLength"),
    ...(chance(random, 0.1) ? { pattern: pick(random, ["(a+)+$", "[", "(?=a)", "^.*$"]) } : {}),
  };
  const properties = {
    text: maybe(text),
    number: { type: "integer" },
    list: maybe({ type: "array", ...limit("maxItems"), items: maybe({ type: "string", ...limit("maxLength") }) }),
    map: maybe({ type: "object", ...limit("maxProperties"), additionalProperties: { type: "integer" } }),
    deep: maybe({
      type: "object",
      properties: { deep: maybe({ type: "object", properties: { text: { type: "string" } } }) },
    }),
  };
  const openAPIV3Schema = {
    type: "object",
    properties: { spec: { type: "object", properties, "x-kubernetes-validations": rules() } },
  };
  const names = { plural: `c${index}s`, singular: `c${index}`, kind: `C${index}`, listKind: `C${index}List` };
  return {
    ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
    metadata: { name: `c${index}s.fuzzed.example.com` },
    spec: {
      group: "fuzzed.example.com",
      names,
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}
