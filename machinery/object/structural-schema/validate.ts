// Holds a value against its schema and says what is wrong in upstream's words, which people and their scripts know. A value
// has been pruned and defaulted before.

import type { FieldError } from "@atoll/api/kind";
import { duplicate, invalidValue, notSupported, required, tooLong, tooMany } from "@atoll/api/meta/field-error";
import { checkDns1035Label } from "@atoll/api/meta/names";
import { allFaults } from "@atoll/api/meta/long-checks";
import { validateObjectMeta } from "@atoll/api/meta/object-meta";
import type { ObjectMeta } from "@atoll/api/meta/types";
import { isRecord } from "@atoll/base/is-record";
import { ownValue } from "@atoll/base/own-value";
import { tableOf } from "@atoll/base/table-of";
import { isDeepEqual } from "../deep-equal.ts";
import { formerItems, isUnchanged } from "./correlation.ts";
import { fitsFormat, isKnownFormat } from "./formats.ts";
import { patternOf } from "./pattern.ts";
import { fieldPath, schemaOfField, type StructuralSchema } from "./structural-schema.ts";

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
  // A value of a wrong type is told of everything else that is wrong with it, too.
  if (!fitsType(value, schema)) errors.push(wrongType(value, schema, path));
  // Of nothing, nothing more is asked than whether it is one of the choices.
  if (value !== null) checkCombinations(value, schema, path, errors);
  if (typeof value === "string") checkString(value, schema, path, errors);
  else if (typeof value === "number") checkNumber(value, schema, path, errors);
  else if (Array.isArray(value)) checkList(value, schema, path, errors, old);
  if (schema.enum && !schema.enum.some((choice) => isDeepEqual(choice, value))) {
    const choices = schema.enum.map((choice) => (typeof choice === "string" ? choice : JSON.stringify(choice)));
    errors.push(notSupported(path, value, choices));
  }
  if (isRecord(value)) checkObject(value, schema, path, errors, old);
}

function fitsType(value: unknown, schema: StructuralSchema): boolean {
  if (schema["x-kubernetes-int-or-string"]) return typeof value === "string" || Number.isInteger(value);
  switch (schema.type) {
    case "object":
      return isRecord(value);
    case "array":
      return Array.isArray(value);
    case "string":
      // Upstream takes a list for a string where it knows the format.
      return typeof value === "string" || (Array.isArray(value) && isKnownFormat(schema.format));
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

/** How upstream's language calls the formats of values that it has read. */
function formatNameOf(value: unknown): string {
  if (typeof value !== "number") return "";
  return Number.isInteger(value) ? "int64" : "float64";
}

const INTEGER_RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = tableOf({
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 64],
});
const FLOAT_MAX = 3.4028235677973366e38;

function fitsRange(value: number, { type, format = "" }: StructuralSchema): boolean {
  if (type === "number") return format !== "float" || Math.abs(value) <= FLOAT_MAX;
  if (type !== "integer") return true;
  const [min, max] = INTEGER_RANGES[format] ?? [-(2 ** 63), 2 ** 63];
  return Number.isInteger(value) && value >= min && value <= max;
}

/** Upstream says of this alone where it is in words, and not in the fault's path. */
function outOfRange({ type = "", format }: StructuralSchema, path: string): FieldError {
  const how = format === undefined ? "(default format)" : `with format ${format}`;
  return invalidValue("", "", `Checked value must be of type ${type} ${how} in ${path}`);
}

function wrongType(value: unknown, schema: StructuralSchema, path: string): FieldError {
  const isByFormat =
    isKnownFormat(schema.format) && value !== null && typeof value !== "string" && !Array.isArray(value);
  const actual = isByFormat ? formatNameOf(value) : typeNameOf(value);
  const type = schema["x-kubernetes-int-or-string"] ? "integer,string" : (schema.type ?? "");
  const wanted = isByFormat ? (schema.format ?? "") : type;
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
  if (!fitsRange(value, schema)) errors.push(outOfRange(schema, path));
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
  if (multipleOf !== undefined) checkMultiple(value, multipleOf, path, errors);
}

/** Upstream takes the factor of a whole number for a whole number. */
function checkMultiple(value: number, multipleOf: number, path: string, errors: FieldError[]): void {
  const factor = Number.isInteger(value) ? Math.trunc(multipleOf) : multipleOf;
  if (factor <= 0) {
    const text = `factor MultipleOf declared for ${path} must be positive: ${factor}`;
    errors.push(invalidValue(path, factor, text));
  } else if (!Number.isInteger(value / factor)) {
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
    const former = isRecord(old) ? ownValue(old, field) : undefined;
    if (schemaOfItem) check(item, schemaOfItem, fieldPath(path, field), errors, former);
  }
  if (schema["x-kubernetes-embedded-resource"]) checkEmbedded(object, path, errors);
}

/** An object within an object says what it is, and its metadata is sound. */
function checkEmbedded(object: Record<string, unknown>, path: string, errors: FieldError[]): void {
  for (const field of ["apiVersion", "kind"] as const) {
    const place = fieldPath(path, field);
    if (!Object.hasOwn(object, field)) errors.push(required(place));
    else errors.push(...checkTypeField(field, object[field], place));
  }
  const { metadata } = object;
  if (!isRecord(metadata)) return;
  const meta = { ...metadata, name: metadata.name || "fakename" } as ObjectMeta; // decoding has let the fields' types in alone
  const scope = meta.namespace ? "Namespaced" : "Cluster";
  const rules = { nameRule: "pathSegment", scope, checksGenerateName: true, qualifiesFinalizers: false } as const;
  for (const fault of allFaults(validateObjectMeta(meta, rules))) {
    errors.push({ ...fault, field: fieldPath(path, fault.field) });
  }
}

function checkTypeField(field: "apiVersion" | "kind", value: unknown, path: string): FieldError[] {
  if (typeof value !== "string") return [invalidValue(path, value, "must be a string")];
  if (value === "") return [invalidValue(path, value, "must not be empty")];
  if (field === "apiVersion") {
    const isVersion = value.split("/").length <= 2;
    return isVersion ? [] : [invalidValue(path, value, `unexpected GroupVersion string: ${value}`)];
  }
  const texts = checkDns1035Label(value.toLowerCase());
  if (texts.length === 0) return [];
  return [invalidValue(path, value, `may have mixed case, but should otherwise match: ${texts.join(",")}`)];
}

/** With the faults of one alternative that does not fit, where none does. */
function checkCombinations(value: unknown, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const faultsOf = (part: StructuralSchema) => validateValue(value, part, path);
  const refuse = (text: string) => errors.push(invalidValue("", "", `${JSON.stringify(path)} must ${text}`));
  const { allOf, anyOf, oneOf, not } = schema;
  if (anyOf) {
    const faults = anyOf.map(faultsOf);
    if (faults.every(({ length }) => length > 0)) {
      refuse("validate at least one schema (anyOf)");
      errors.push(...(faults[0] ?? []));
    }
  }
  if (oneOf) {
    const faults = oneOf.map(faultsOf);
    const count = faults.filter(({ length }) => length === 0).length;
    const found = count === 0 ? "Found none valid" : `Found ${count} valid alternatives`;
    if (count !== 1) refuse(`validate one and only one schema (oneOf). ${found}`);
    if (count === 0) errors.push(...(faults[0] ?? []));
  }
  if (allOf) {
    const faults = allOf.map(faultsOf);
    errors.push(...faults.flat());
    const isNone = faults.every(({ length }) => length > 0);
    if (faults.flat().length > 0) refuse(`validate all the schemas (allOf)${isNone ? ". None validated" : ""}`);
  }
  if (not && faultsOf(not).length === 0) refuse("not validate the schema (not)");
}
