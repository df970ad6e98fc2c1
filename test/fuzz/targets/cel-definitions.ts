// Definitions of custom resources with rules.

import { BOOL, type CelType, INT, listOf, mapOf, STRING } from "@atoll/machinery/cel/check/cel-type";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { below, skewed } from "../odd-values.ts";
import type { Named } from "../typed-expressions.ts";
import { writtenExpression } from "../written-expression.ts";

type Json = Record<string, unknown>;

export const GROUP = "fuzzed.example.com";
/** No list, map or text is held to less. */
export const LIMIT_MIN = 2;

const SCHEMA_VARIABLES = ["self", "self", "self.list", "self.map", "self.text", "self.number", "self.deep", "oldSelf"];

/** By property of a custom resource's schema, what its rules call it and what is in it. */
const SELF: Readonly<Record<string, readonly Named[]>> = {
  spec: [
    { text: "self.text", type: STRING },
    { text: "self.number", type: INT },
    { text: "self.list", type: listOf(STRING) },
    { text: "self.map", type: mapOf(STRING, INT) },
    { text: "self.deep.deep.text", type: STRING },
    { text: "has(self.text)", type: BOOL },
  ],
  text: [{ text: "self", type: STRING }],
  list: [{ text: "self", type: listOf(STRING) }],
  map: [{ text: "self", type: mapOf(STRING, INT) }],
  deep: [{ text: "self.deep.text", type: STRING }],
  deeper: [{ text: "self.text", type: STRING }],
};

/** Rules at some places of its schema; its kind is called after `name`. */
export function definition(random: Random, name: string): Json {
  const write = (type: CelType, names: readonly Named[]) =>
    writtenExpression(random, type, { names, variables: SCHEMA_VARIABLES, depth: 1 + below(random, 3) });
  const rules = (self: readonly Named[]) =>
    Array.from({ length: 1 + below(random, 2) }, () => ({
      rule: write(BOOL, self),
      ...(chance(random, 0.2) ? { messageExpression: write(STRING, self) } : {}),
      ...(chance(random, 0.03)
        ? { fieldPath: pick(random, [".text", ".list[0]", ".none", "x", ".map['a']", "..", ""]) }
        : {}),
      // A rule of several lines needs one.
      message: "m",
      ...(chance(random, 0.05) ? { reason: pick(random, ["FieldValueInvalid", "x"]) } : {}),
      ...(chance(random, 0.02) ? { optionalOldSelf: true } : {}),
    }));
  const maybe = (schema: object, self: readonly Named[] = []) =>
    chance(random, 0.15) ? { ...schema, "x-kubernetes-validations": rules(self) } : schema;
  // Without a limit nearly everything costs too much.
  const limit = (name: string) => (chance(random, 0.85) ? { [name]: LIMIT_MIN + skewed(random, 100) } : {});
  const text = {
    type: "string",
    ...limit("maxLength"),
    ...(chance(random, 0.1) ? { pattern: pick(random, ["(a+)+$", "[", "(?=a)", "^.*$"]) } : {}),
  };
  const properties = {
    text: maybe(text, SELF.text),
    number: { type: "integer" },
    list: maybe(
      { type: "array", ...limit("maxItems"), items: maybe({ type: "string", ...limit("maxLength") }, SELF.text) },
      SELF.list,
    ),
    map: maybe({ type: "object", ...limit("maxProperties"), additionalProperties: { type: "integer" } }, SELF.map),
    deep: maybe(
      {
        type: "object",
        properties: {
          deep: maybe({ type: "object", properties: { text: { type: "string", ...limit("maxLength") } } }, SELF.deeper),
        },
      },
      SELF.deep,
    ),
  };
  const openAPIV3Schema = {
    type: "object",
    properties: { spec: { type: "object", properties, "x-kubernetes-validations": rules(SELF.spec ?? []) } },
  };
  return customKind(name, openAPIV3Schema);
}

export function customKind(name: string, openAPIV3Schema: object): Json {
  return {
    ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
    metadata: { name: `${name}s.${GROUP}` },
    spec: {
      ...{ group: GROUP, names: namesOf(name), scope: "Namespaced" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

/** What a controller says of a kind that is served; none runs here. */
export function servedStatus(name: string): Json {
  const since = { reason: "Fuzzed", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" };
  const conditions = ["NamesAccepted", "Established"].map((type) => ({ type, status: "True", ...since }));
  return { acceptedNames: namesOf(name), storedVersions: ["v1"], conditions };
}

function namesOf(name: string): Json {
  const kind = name.slice(0, 1).toUpperCase() + name.slice(1);
  return { plural: `${name}s`, singular: name, kind, listKind: `${kind}List` };
}
