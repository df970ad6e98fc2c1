// Whether a schema is structural: every value has one type that can be seen from the schema alone. Pruning, defaulting and
// server-side apply rely on it.

import type { JSONSchemaProps } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson, required } from "../../meta/field-error.ts";
import { asSchema, partsOf, propertyOf, SCHEMA_DEPTH_MAX } from "./schema-children.ts";
import { patternFault } from "./schema-pattern.ts";

const UNSUPPORTED = [
  ["id", "id"],
  ["$schema", "schema"],
  ["$ref", "$ref"],
  ["patternProperties", "patternProperties"],
  ["dependencies", "dependencies"],
  ["additionalItems", "additionalItems"],
  ["definitions", "definitions"],
] as const;

/** Why a schema cannot even be read as a structural one; undefined where it can. */
export function unstructuredText(schema: JSONSchemaProps, depth = 0): string | undefined {
  if (depth > SCHEMA_DEPTH_MAX) return `OpenAPIV3Schema is deeper than ${SCHEMA_DEPTH_MAX} levels`;
  for (const [keyword, name] of UNSUPPORTED) {
    if (isSaid(schema[keyword])) return `OpenAPIV3Schema '${name}' is not supported`;
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  }
  for (const [, part] of partsOf(schema)) {
    const text = unstructuredText(part, depth + 1);
    if (text !== undefined) return text;
  }
  return undefined;
}

function isSaid(value: unknown): boolean {
  if (value === undefined || value === "" || value === null) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

type Level = "root" | "item" | "field";

/** Of a schema that can be read, sorted as upstream sorts them. */
export function structuralFaults(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors = [
    ...invariantFaults(schema, "root", path),
    ...completenessFaults(schema, schema, { path, from: path }),
  ];
  const textOf = ({ field, message }: FieldError) => `${field}: ${message}`;
  return errors.sort((left, right) => (textOf(left) < textOf(right) ? -1 : 1));
}

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function invariantFaults(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { type, properties = {}, additionalProperties } = schema;
  const items = asSchema(schema.items);
  const values = asSchema(additionalProperties);
  const errors: FieldError[] = [];
  if (type === "array" && !items) errors.push(required(`${path}.items`, "must be specified"));
  if (items) errors.push(...invariantFaults(items, "item", `${path}.items`));
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...invariantFaults(property, "field", `${path}.properties[${name}]`));
  }
  if (additionalProperties !== undefined && level === "root") {
    errors.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
  }
  if (values) errors.push(...invariantFaults(values, "field", `${path}.additionalProperties`));
  const isAlternative = isIntOrString(schema.anyOf);
  const isFirst = isIntOrString(schema.allOf?.[0]?.anyOf);
  return [
    ...errors,
    ...conditionsFaults(schema, path, { skipsAnyOf: isAlternative, skipsFirst: isFirst }),
    ...extensionFaults(schema, path),
    ...typeFaults(schema, level, path),
    ...objectFaults(schema, level, path),
  ];
}

function isIntOrString(anyOf: readonly JSONSchemaProps[] | undefined): boolean {
  return isEqualJson(anyOf, [{ type: "integer" }, { type: "string" }]);
}

function extensionFaults(schema: JSONSchemaProps, path: string): FieldError[] {
  if (!schema["x-kubernetes-int-or-string"]) return [];
  const others = ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const;
  const why = "must be false if x-kubernetes-int-or-string is true";
  return others.flatMap((name) => (schema[name] ? [invalidValue(`${path}.${name}`, true, why)] : []));
}

function typeFaults(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { type } = schema;
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
  const errors: FieldError[] = [];
  if (isEmbedded && type !== "object") {
    const why = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type ? invalidValue(`${path}.type`, type, why) : required(`${path}.type`, why));
  } else if (
    !type &&
    !schema["x-kubernetes-int-or-string"] &&
    schema["x-kubernetes-preserve-unknown-fields"] !== true
  ) {
    errors.push(required(`${path}.type`, EMPTY_TYPE[level]));
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    const why = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (level === "root" && type && type !== "object") {
    errors.push(invalidValue(`${path}.type`, type, "must be object at the root"));
  }
  return errors;
}

/** Of what every object has: its kind and version are texts, and its metadata is the API's own. */
function objectFaults(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { properties = {} } = schema;
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
  const errors: FieldError[] = [];
  const isObject = level === "root" || isEmbedded;
  for (const name of isObject ? (["kind", "apiVersion"] as const) : []) {
    const property = properties[name];
    const place = `${path}.properties[${name}].type`;
    if (property && property.type !== "string") errors.push(invalidValue(place, property.type ?? "", "must be string"));
  }
  const { metadata } = properties;
  if (metadata) {
    const place = `${path}.properties[metadata]`;
    if (isObject && metadata.type !== "object") {
      errors.push(invalidValue(`${place}.type`, metadata.type ?? "", "must be object"));
    }
    if (level === "root" && !isNameOnly(metadata)) {
      const why = "must not specify anything other than name and generateName, but metadata is implicitly specified";
      errors.push(forbidden(place, why));
    }
  }
  if (isEmbedded && !schema["x-kubernetes-preserve-unknown-fields"] && Object.keys(properties).length === 0) {
    const why =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(`${path}.properties`, why));
  }
  return errors;
}

/** A default is refused elsewhere. */
function isNameOnly({ type: _type, properties = {}, default: _default, ...rest }: JSONSchemaProps): boolean {
  const others = Object.keys(properties).filter((name) => name !== "name" && name !== "generateName");
  return others.length === 0 && Object.values(rest).every((value) => !isSaid(value) || value === false);
}

interface Skips {
  readonly skipsAnyOf: boolean;
  /** The alternatives in the first of `allOf`. */
  readonly skipsFirst: boolean;
}

const NO_SKIPS: Skips = { skipsAnyOf: false, skipsFirst: false };

function conditionsFaults(schema: JSONSchemaProps, path: string, { skipsAnyOf, skipsFirst }: Skips): FieldError[] {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  const errors: FieldError[] = [];
  for (const [index, part] of (skipsAnyOf ? [] : anyOf).entries()) {
    errors.push(...conditionFaults(part, `${path}.anyOf[${index}]`, NO_SKIPS));
  }
  for (const [index, part] of allOf.entries()) {
    const skips = { skipsAnyOf: skipsFirst && index === 0, skipsFirst: false };
    errors.push(...conditionFaults(part, `${path}.allOf[${index}]`, skips));
  }
  for (const [index, part] of oneOf.entries()) {
    errors.push(...conditionFaults(part, `${path}.oneOf[${index}]`, NO_SKIPS));
  }
  if (not) errors.push(...conditionFaults(not, `${path}.not`, NO_SKIPS));
  const fault = pattern ? patternFault(pattern) : undefined;
  if (pattern && fault !== undefined) {
    const why = `must be a valid regular expression, but isn't: ${fault}`;
    errors.push(invalidValue(`${path}.pattern`, pattern, why));
  }
  return errors;
}

/** Facts about the value itself, which its own schema must say, not a condition on it. */
const NOT_IN_CONDITIONS = [
  ["type", "must be empty to be structural"],
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
] as const;

function conditionFaults(schema: JSONSchemaProps, path: string, skips: Skips): FieldError[] {
  const items = asSchema(schema.items);
  const errors = conditionsFaults(schema, path, skips);
  if (items) errors.push(...conditionFaults(items, `${path}.items`, NO_SKIPS));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...conditionFaults(property, `${path}.properties[${name}]`, NO_SKIPS));
  }
  for (const [name, why] of NOT_IN_CONDITIONS) {
    const value: unknown = schema[name];
    const isThere = name === "default" ? value !== undefined : value !== false && isSaidHere(name, value);
    if (isThere) errors.push(forbidden(`${path}.${name}`, why));
  }
  if (schema.properties && Object.hasOwn(schema.properties, "metadata")) {
    errors.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
  }
  return errors;
}

/** An empty schema for the values of a map says something, an empty list does not. */
function isSaidHere(name: string, value: unknown): boolean {
  return name === "additionalProperties" ? value !== undefined : isSaid(value);
}

interface ConditionPlace {
  /** Of the value's own schema. */
  readonly path: string;
  /** Of the condition. */
  readonly from: string;
}

/** Whatever a condition speaks of must be there in the schema itself. */
function completenessFaults(
  condition: JSONSchemaProps,
  schema: JSONSchemaProps | undefined,
  { path, from }: ConditionPlace,
): FieldError[] {
  const { anyOf = [], allOf = [], oneOf = [], not } = condition;
  const nested = (part: JSONSchemaProps, step: string): FieldError[] =>
    nestedCompletenessFaults(part, schema, { path, from: `${from}.${step}` });
  return [
    ...(not ? nested(not, "not") : []),
    ...allOf.flatMap((part, index) => nested(part, `allOf[${index}]`)),
    ...anyOf.flatMap((part, index) => nested(part, `anyOf[${index}]`)),
    ...oneOf.flatMap((part, index) => nested(part, `oneOf[${index}]`)),
  ];
}

function nestedCompletenessFaults(
  condition: JSONSchemaProps,
  schema: JSONSchemaProps | undefined,
  { path, from }: ConditionPlace,
): FieldError[] {
  if (!schema) return [required(path, `because it is defined in ${from}`)];
  const errors = completenessFaults(condition, schema, { path, from });
  const below = (part: JSONSchemaProps, own: JSONSchemaProps | undefined, step: string) =>
    nestedCompletenessFaults(part, own, { path: `${path}.${step}`, from: `${from}.${step}` });
  const items = asSchema(condition.items);
  if (items) errors.push(...below(items, asSchema(schema.items), "items"));
  for (const [name, property] of Object.entries(condition.properties ?? {})) {
    errors.push(...below(property, propertyOf(schema, name), `properties[${name}]`));
  }
  return errors;
}
