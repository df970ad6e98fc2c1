// What is wrong with the schema of a version, in upstream's order: as a whole, as a structural schema, in its defaults, keyword by
// keyword, and in its rules. What only makes sense for a sound schema is asked of one alone.

import type { JSONSchemaProps } from "../../generated/types.ts";
import type { FaultsAt, FieldError } from "../../kind.ts";
import { forbidden, invalidValue } from "../../meta/field-error.ts";
import { keywordFaults } from "./schema-keywords.ts";
import { structuralFaults, unstructuredText } from "./structural-validation.ts";

export interface SchemaOptions {
  /** Its objects have a status that is written in a way of its own. */
  readonly hasStatus: boolean;
  /** Whether it was there before: limits may have become tighter since. */
  readonly isUnchanged: boolean;
  /** Knows defaults and rules, by the paths of this file. */
  readonly faultsAt: FaultsAt;
}

/** Where `FaultsAt` is asked for the defaults of a schema, for what its rules say, and for what they come to. */
export const defaultsOf = (path: string) => `${path}#defaults`;
export const ruleWordsOf = (path: string) => `${path}#words`;
export const rulesOf = (path: string) => `${path}#rules`;

const AT_ROOT = [
  ...["Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum"],
  ...["MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items"],
  ...["Properties", "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations"],
];
/** In the order in which upstream's type has them, by the names of the API. */
const NOT_AT_ROOT = [
  ...["id", "$schema", "$ref", "nullable", "default", "maxProperties", "minProperties", "enum", "allOf", "oneOf"],
  ...["anyOf", "not", "additionalProperties", "patternProperties", "dependencies", "additionalItems", "definitions"],
  ...["x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys"],
  ...["x-kubernetes-list-type", "x-kubernetes-map-type"],
] as const;

export function validateSchema(
  schema: JSONSchemaProps,
  path: string,
  { hasStatus, isUnchanged, faultsAt }: SchemaOptions,
): FieldError[] {
  const errors = hasStatus ? rootFaults(schema, path) : [];
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  const unstructured = unstructuredText(schema);
  const unsound =
    unstructured === undefined
      ? firstFaults([() => structuralFaults(schema, path), () => faultsAt(defaultsOf(path))])
      : [];
  errors.push(...unsound);
  const keywords = [...keywordFaults(schema, path), ...faultsAt(ruleWordsOf(path))];
  errors.push(...keywords);
  if (unstructured === undefined && unsound.length === 0) {
    const rules = faultsAt(rulesOf(path)).filter((fault) => !isMoot(fault, keywords));
    errors.push(...(isUnchanged ? rules.filter((fault) => !isTooDear(fault)) : rules));
  }
  return errors.length > 0 || unstructured === undefined ? errors : [invalidValue(path, "", unstructured)];
}

function firstFaults(checks: readonly (() => readonly FieldError[])[]): readonly FieldError[] {
  for (const check of checks) {
    const faults = check();
    if (faults.length > 0) return faults;
  }
  return [];
}

/** Nothing is said of what a rule comes to where something is wrong with the words at its place or below. */
function isMoot({ field }: FieldError, keywords: readonly FieldError[]): boolean {
  const end = field.lastIndexOf(".x-kubernetes-validations[");
  const place = field.slice(0, end);
  return end >= 0 && keywords.some((fault) => fault.field.startsWith(`${place}.`));
}

/** What a single rule may cost was looked at when it was new. */
function isTooDear({ type, message }: FieldError): boolean {
  return type === "FieldValueForbidden" && /estimated (rule|messageExpression) cost exceeds/.test(message);
}

/** A status is held against its part of the schema alone, which must say all that is said of it. */
function rootFaults(schema: JSONSchemaProps, path: string): FieldError[] {
  const isSet = (name: (typeof NOT_AT_ROOT)[number]) => {
    const value: unknown = schema[name];
    if (name === "default") return value !== undefined;
    const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    return value !== undefined && value !== false && value !== "" && !isEmpty;
  };
  const beforeType = NOT_AT_ROOT.slice(0, 3).some(isSet);
  if (schema.type && schema.type !== "object" && !beforeType) {
    const why = `only "object" is allowed as the type at the root of the schema if the status subresource is enabled`;
    return [invalidValue(`${path}.type`, schema.type, why)];
  }
  if (!NOT_AT_ROOT.some(isSet)) return [];
  const why = `only [${AT_ROOT.join(" ")}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalidValue(path, schema, why)];
}
