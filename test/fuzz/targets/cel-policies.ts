// Admission policies full of expressions.

import { BOOL, type CelType, DYN, listOf, mapOf, STRING } from "@atoll/machinery/cel/check/cel-type";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { below } from "../odd-values.ts";
import { type Named, simpleType } from "../typed-expressions.ts";
import { writtenExpression } from "../written-expression.ts";

type Json = Record<string, unknown>;

const API_VERSION = "admissionregistration.k8s.io/v1";
const AUTHORIZER: CelType = { kind: "opaque", name: "kubernetes.authorization.Authorizer", parameters: [] };
/** What an object of the policies has, and of what type it is there. */
const POLICY_NAMES: readonly Named[] = [
  // Nobody knows their type, and a list of texts takes only what is one.
  ...["object.metadata.name", "object.kind", "object.data.k1"].map((text) => ({
    text: `string(${text})`,
    type: STRING,
  })),
  ...["request.operation", "request.userInfo.username"].map((text) => ({ text, type: STRING })),
  ...["object.data", "object.metadata.labels"].map((text) => ({ text, type: mapOf(STRING, STRING) })),
  { text: "object", type: DYN },
  { text: "request.userInfo.groups", type: listOf(STRING) },
  { text: "request.dryRun", type: BOOL },
  { text: "namespaceObject.metadata.name", type: STRING },
  { text: "has(object.data)", type: BOOL },
  { text: "authorizer", type: AUTHORIZER },
];
/** Names that expressions by the grammar alone begin with. */
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

/** What has to be left out is null, so that it takes the place of whatever was there. */
const NOTHING_ELSE = { variables: null, matchConditions: null, auditAnnotations: null, failurePolicy: "Fail" };

export type PolicyKind = "ValidatingAdmissionPolicy" | "MutatingAdmissionPolicy";

/** For objects with these labels alone. */
export function policy(kind: PolicyKind, name: string, matchLabels: Json, spec: Json): Json {
  const resourceRules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
  const constraints = { resourceRules, objectSelector: { matchLabels } };
  return { apiVersion: API_VERSION, kind, metadata: { name }, spec: { matchConstraints: constraints, ...spec } };
}

export function bindingOf(kind: PolicyKind, policyName: string): Json {
  const actions = kind === "ValidatingAdmissionPolicy" ? { validationActions: ["Deny"] } : {};
  return {
    ...{ apiVersion: API_VERSION, kind: `${kind}Binding`, metadata: { name: policyName } },
    spec: { policyName, ...actions },
  };
}

export function policySpec(random: Random, kind: PolicyKind): Json {
  const variables = chance(random, 0.4) ? policyVariables(random) : [];
  const names = [...POLICY_NAMES, ...variables.map(({ named }) => named)];
  const write = (type: CelType) => writtenExpression(random, type, { names, variables: POLICY_VARIABLES });
  const some = (make: () => object, most: number) => Array.from({ length: below(random, most + 1) }, make);
  return {
    ...NOTHING_ELSE,
    ...(kind === "ValidatingAdmissionPolicy" ? validations(random, write) : mutations(random, write)),
    ...(variables.length > 0 ? { variables: variables.map(({ variable }) => variable) } : {}),
    ...(chance(random, 0.2)
      ? { matchConditions: some(() => ({ name: pick(random, ["m", "n", ""]), expression: write(BOOL) }), 2) }
      : {}),
    ...(chance(random, 0.3) ? { failurePolicy: pick(random, ["Fail", "Ignore"]) } : {}),
  };
}

type Write = (type: CelType) => string;

function validations(random: Random, write: Write): Json {
  const others = Array.from({ length: below(random, 3) }, () => ({ expression: write(BOOL) }));
  const first = { expression: write(BOOL), ...(chance(random, 0.2) ? { messageExpression: write(STRING) } : {}) };
  const annotations = chance(random, 0.15) ? [{ key: "k", valueExpression: write(STRING) }] : null;
  return { validations: [first, ...others], auditAnnotations: annotations };
}

function mutations(random: Random, write: Write): Json {
  const inner = write(pick(random, [STRING, mapOf(STRING, STRING)]));
  const isFitting = chance(random, 0.85);
  const applied = pick(random, [
    `Object{metadata: Object.metadata{labels: {"a": ${write(STRING)}}}}`,
    `Object{data: {"a": ${write(STRING)}}}`,
    `Object{data: ${write(mapOf(STRING, STRING))}}`,
  ]);
  const path = pick(random, ["'/data'", "'/data/a'", "'/metadata/labels/a'", "'/metadata/labels'", write(STRING)]);
  const op = pick(random, ["add", "add", "replace", "remove", "test", "copy", "x"]);
  const patch = `[JSONPatch{op: "${op}", path: ${path}, value: ${inner}}]`;
  const mutation = pick(random, [
    { patchType: "ApplyConfiguration", applyConfiguration: { expression: isFitting ? applied : inner } },
    { patchType: "JSONPatch", jsonPatch: { expression: isFitting ? patch : inner } },
  ]);
  const { auditAnnotations: _, ...nothing } = NOTHING_ELSE;
  return { ...nothing, mutations: [mutation], reinvocationPolicy: pick(random, ["Never", "IfNeeded"]) };
}

function policyVariables(random: Random): { readonly variable: Json; readonly named: Named }[] {
  const names = chance(random, 0.95) ? ["v", "w", "x"] : ["v", "v", "", "__proto__", "a.b"];
  return names.slice(0, 1 + below(random, names.length)).map((name) => {
    const type = simpleType(random);
    const expression = writtenExpression(random, type, { names: POLICY_NAMES, variables: POLICY_VARIABLES });
    return { variable: { name, expression }, named: { text: `variables.${name}`, type } };
  });
}
