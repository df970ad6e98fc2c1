// Holds a value against its schema and says what is wrong in upstream's words, which people and their scripts know. A value
// has been pruned and defaulted before.

import type { FieldError } from "@atoll/api/kind";
import { duplicate, invalidValue, notSupported, required, tooLong, tooMany } from "@atoll/api/meta/field-error";
import { isDeepEqual } from "../deep-equal.ts";
import { formerItems, isUnchanged } from "./correlation.ts";
import { fitsFormat } from "./formats.ts";
import { patternOf } from "./pattern.ts";
import { fieldPath, isRecord, schemaOfField, type StructuralSchema } from "./structural-schema.ts";

/** More complaints than this help nobody. */
const ERRORS_MAX = 100;

/** `old`: what was there before an update, undefined where nothing was. What has not changed is not complained about. */
export function validateValue(value: unknown, schema: StructuralSchema, path = "", old?: unknown): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, path, errors, old);
  return errors.slice(0, ERRORS_MAX);
}

function check(value: unknown, schema: StructuralSchema, path: string, errors: FieldError[], old?: unknown): void {
  if (errors.length >= ERRORS_MAX) return;
  const before = errors.length;
  checkHere(value, schema, path, errors, old);
  if (errors.length > before && old !== undefined && isUnchanged(value, old, schema)) errors.length = before;
}

function checkHere(value: unknown, schema: StructuralSchema, path: string, errors: FieldError[], old: unknown): void {
  if (value === null && schema.nullable === true) return;
  if (!fitsType(value, schema)) {
    errors.push(wrongType(value, schema, path));
    return;
  }
  if (schema.enum && !schema.enum.some((choice) => isDeepEqual(choice, value))) {
    const choices = schema.enum.map((choice) => (typeof choice === "string" ? choice : JSON.stringify(choice)));
    errors.push(notSupported(path, value, choices));
  }
  if (typeof value === "string") checkString(value, schema, path, errors);
  else if (typeof value === "number") checkNumber(value, schema, path, errors);
  else if (Array.isArray(value)) checkList(value, schema, path, errors, old);
  else if (isRecord(value)) checkObject(value, schema, path, errors, old);
  checkCombinations(value, schema, path, errors);
}

function fitsType(value: unknown, schema: StructuralSchema): boolean {
  if (schema["x-kubernetes-int-or-string"]) return typeof value === "string" || Number.isInteger(value);
  switch (schema.type) {
    case "object":
      return isRecord(value);
    case "array":
      return Array.isArray(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    default:
      return true;
  }
}

function wrongType(value: unknown, schema: StructuralSchema, path: string): FieldError {
  const actual = typeNameOf(value);
  const wanted = schema["x-kubernetes-int-or-string"] ? "integer,string" : (schema.type ?? "");
  return {
    ...body(path, actual, `must be of type ${wanted}: ${JSON.stringify(actual)}`),
    type: "FieldValueTypeInvalid",
  };
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** "spec.size in body should be …": the path stands in the text once more. */
function body(path: string, value: unknown, detail: string): FieldError {
  return invalidValue(path, value, `${path} in body ${detail}`);
}

function checkString(value: string, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const { minLength, maxLength, pattern, format } = schema;
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length;
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    errors.push(body(path, value, `should be at least ${minLength} chars long`));
  }
  if (pattern !== undefined && patternOf(pattern)?.test(value) === false) {
    errors.push(body(path, value, `should match '${pattern}'`));
  }
  if (format !== undefined && schema.type === "string" && !fitsFormat(format, value)) {
    errors.push({
      ...body(path, value, `must be of type ${format}: ${JSON.stringify(value)}`),
      type: "FieldValueTypeInvalid",
    });
  }
}

function checkNumber(value: number, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const { minimum, maximum, multipleOf } = schema;
  if (maximum !== undefined) {
    const isOver = schema.exclusiveMaximum ? value >= maximum : value > maximum;
    const relation = schema.exclusiveMaximum ? "less than" : "less than or equal to";
    if (isOver) errors.push(body(path, value, `should be ${relation} ${maximum}`));
  }
  if (minimum !== undefined) {
    const isUnder = schema.exclusiveMinimum ? value <= minimum : value < minimum;
    const relation = schema.exclusiveMinimum ? "greater than" : "greater than or equal to";
    if (isUnder) errors.push(body(path, value, `should be ${relation} ${minimum}`));
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    errors.push(body(path, value, `should be a multiple of ${multipleOf}`));
  }
}

function checkList(
  list: readonly unknown[],
  schema: StructuralSchema,
  path: string,
  errors: FieldError[],
  old: unknown,
): void {
  const { minItems, maxItems, items } = schema;
  if (maxItems !== undefined && list.length > maxItems) errors.push(tooMany(path, list.length, maxItems));
  if (minItems !== undefined && list.length < minItems) {
    errors.push(body(path, list.length, `should have at least ${minItems} items`));
  }
  const formerOf = formerItems(schema, old);
  if (items)
    for (const [index, item] of list.entries()) check(item, items, `${path}[${index}]`, errors, formerOf(item));
  checkUniqueness(list, schema, path, errors);
}

/** Sets hold each value once, maps each combination of their keys. */
function checkUniqueness(list: readonly unknown[], schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const listType = schema["x-kubernetes-list-type"];
  if (listType !== "set" && listType !== "map") return;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const seen = new Set<string>();
  const reported = new Set<string>();
  for (const [index, item] of list.entries()) {
    if (listType === "map" && !isRecord(item)) continue;
    const identity = listType === "map" ? pick(item, keys) : item;
    const text = canonicalText(identity);
    if (seen.has(text) && !reported.has(text)) {
      errors.push(duplicate(`${path}[${index}]`, identity));
      reported.add(text);
    }
    seen.add(text);
  }
}

function pick(item: unknown, keys: readonly string[]): Record<string, unknown> {
  if (!isRecord(item)) return {};
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key]]));
}

/** The same text for equal values, whatever the order of their fields. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

function checkObject(
  object: Record<string, unknown>,
  schema: StructuralSchema,
  path: string,
  errors: FieldError[],
  old: unknown,
): void {
  const { minProperties, maxProperties } = schema;
  const size = Object.keys(object).length;
  if (maxProperties !== undefined && size > maxProperties) errors.push(tooMany(path, size, maxProperties));
  if (minProperties !== undefined && size < minProperties) {
    errors.push(body(path, size, `should have at least ${minProperties} properties`));
  }
  for (const field of schema.required ?? []) {
    if (!Object.hasOwn(object, field)) errors.push(required(fieldPath(path, field)));
  }
  for (const [field, item] of Object.entries(object)) {
    const schemaOfItem = schemaOfField(schema, field);
    const former = isRecord(old) && Object.hasOwn(old, field) ? old[field] : undefined;
    if (schemaOfItem) check(item, schemaOfItem, fieldPath(path, field), errors, former);
  }
  if (schema["x-kubernetes-embedded-resource"]) checkEmbedded(object, path, errors);
}

/** An object within an object says what it is. */
function checkEmbedded(object: Record<string, unknown>, path: string, errors: FieldError[]): void {
  for (const field of ["apiVersion", "kind"]) {
    const value = object[field];
    const place = fieldPath(path, field);
    if (value === undefined || value === "") errors.push(required(place, "must not be empty"));
    else if (typeof value !== "string") errors.push(invalidValue(place, value, "must be a string"));
  }
}

function checkCombinations(value: unknown, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const fits = (part: StructuralSchema) => validateValue(value, part, path).length === 0;
  const refuse = (text: string) => errors.push(invalidValue(path, "", `${JSON.stringify(path)} must ${text}`));
  const { allOf, anyOf, oneOf, not } = schema;
  if (anyOf && !anyOf.some(fits)) refuse("validate at least one schema (anyOf)");
  if (oneOf) {
    const count = oneOf.filter(fits).length;
    const found = count === 0 ? "Found none valid" : `Found ${count} valid alternatives`;
    if (count !== 1) refuse(`validate one and only one schema (oneOf). ${found}`);
  }
  if (allOf) {
    const faults = allOf.flatMap((part) => validateValue(value, part, path));
    if (faults.length > 0) refuse("validate all the schemas (allOf)");
    errors.push(...faults);
  }
  if (not && fits(not)) refuse("not validate the schema (not)");
}
