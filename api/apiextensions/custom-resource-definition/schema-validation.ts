// Whether a schema is structural: every value has one type that can be seen from the schema alone. Pruning, defaulting and
// server-side apply rely on it. Bounded, for a schema is walked once for each of its uses.

import type { JSONSchemaProps } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { asSchema, childSchemas } from "./schema-children.ts";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
/** Deeper schemas than any value that the server reads. */
const DEPTH_MAX = 100;
const UNSUPPORTED = [
  "$ref",
  "$schema",
  "additionalItems",
  "definitions",
  "dependencies",
  "id",
  "patternProperties",
] as const;
/** Facts about the value itself, which its own schema must say, not a condition on it. */
const STRUCTURE = ["type", "additionalProperties", "default", "title", "description", "nullable"] as const;
const CONDITION_EXTENSIONS = [
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
] as const;

export function validateSchema(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type !== "object") {
    if (schema.type) errors.push(invalidValue(`${path}.type`, schema.type, "must be object at the root"));
    else errors.push(required(`${path}.type`, "must not be empty at the root"));
  }
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  if (schema.default !== undefined) errors.push(forbidden(`${path}.default`, "must not be set at the root"));
  errors.push(...validateMetadata(schema.properties?.metadata, `${path}.properties[metadata]`));
  validateNode(schema, path, { errors, depth: 0, isRoot: true });
  return errors;
}

interface Walk {
  readonly errors: FieldError[];
  readonly depth: number;
  readonly isRoot: boolean;
}

function validateNode(schema: JSONSchemaProps, path: string, { errors, depth, isRoot }: Walk): void {
  if (depth > DEPTH_MAX) {
    errors.push(forbidden(path, `must not be deeper than ${DEPTH_MAX} levels`));
    return;
  }
  validateKeywords(schema, path, errors);
  if (!isRoot) validateType(schema, path, errors);
  validateLists(schema, path, errors);
  for (const [place, condition] of conditionsOf(schema))
    validateCondition(condition, `${path}.${place}`, errors, depth + 1);
  for (const [place, child] of childSchemas(schema)) {
    validateNode(child, `${path}.${place}`, { errors, depth: depth + 1, isRoot: false });
  }
}

function validateKeywords(schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  for (const keyword of UNSUPPORTED) {
    if (schema[keyword] !== undefined) errors.push(forbidden(`${path}.${keyword}`, `${keyword} is not supported`));
  }
  if (schema.uniqueItems) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  if (Array.isArray(schema.items))
    errors.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  if (schema.additionalProperties !== undefined && schema.properties !== undefined) {
    errors.push(forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"));
  }
  if (schema.additionalProperties === false) {
    errors.push(forbidden(`${path}.additionalProperties`, "additionalProperties cannot be set to false"));
  }
  if (schema.pattern !== undefined && !isPattern(schema.pattern)) {
    errors.push(invalidValue(`${path}.pattern`, schema.pattern, "must be a valid regular expression"));
  }
}

/** As the server will read it: Go's inline flags, then this language's own syntax. */
function isPattern(pattern: string): boolean {
  const source = pattern.replace(/^\(\?[ims]+\)/, "");
  return ["u", ""].some((mode) => {
    try {
      return new RegExp(source, mode) instanceof RegExp;
    } catch {
      return false;
    }
  });
}

function validateType(schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"];
  const isIntOrString = schema["x-kubernetes-int-or-string"] === true;
  if (keepsUnknown === false) {
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  }
  if (isIntOrString && schema.type) {
    errors.push(invalidValue(`${path}.type`, schema.type, "must be empty if x-kubernetes-int-or-string is true"));
  }
  if (!schema.type && !isIntOrString && keepsUnknown !== true) {
    const what = path.endsWith(".items") ? "array items" : "object fields";
    errors.push(required(`${path}.type`, `must not be empty for specified ${what}`));
  }
  if (schema["x-kubernetes-embedded-resource"]) {
    if (schema.type !== "object") {
      errors.push(
        invalidValue(`${path}.type`, schema.type ?? "", "must be object if x-kubernetes-embedded-resource is true"),
      );
    }
    if (keepsUnknown !== true && Object.keys(schema.properties ?? {}).length === 0) {
      const why =
        "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
      errors.push(required(`${path}.properties`, why));
    }
  }
}

function validateLists(schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(`${path}.type`, schema.type, TYPES));
  if (schema.type === "array" && schema.items === undefined)
    errors.push(required(`${path}.items`, "must be specified"));
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const place = `${path}.x-kubernetes-list-type`;
  if (listType === undefined) {
    if (keys.length > 0) errors.push(required(place, "must be map if x-kubernetes-list-map-keys is non-empty"));
  } else {
    if (schema.type !== "array") {
      errors.push(
        invalidValue(`${path}.type`, schema.type ?? "", "must be array if x-kubernetes-list-type is specified"),
      );
    }
    if (!["atomic", "map", "set"].includes(listType))
      errors.push(notSupported(place, listType, ["atomic", "map", "set"]));
    if (listType === "map") validateMapKeys(schema, keys, path, errors);
  }
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType !== undefined && mapType !== "atomic" && mapType !== "granular") {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"]));
  }
}

function validateMapKeys(schema: JSONSchemaProps, keys: readonly string[], path: string, errors: FieldError[]): void {
  const place = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) errors.push(required(place, "must not be empty if x-kubernetes-list-type is map"));
  const items = asSchema(schema.items);
  for (const [index, key] of keys.entries()) {
    const property = items?.properties?.[key];
    if (!property) {
      errors.push(invalidValue(`${place}[${index}]`, key, "entries must all be names of item properties"));
      continue;
    }
    const isRequired = items?.required?.includes(key) === true;
    if (!isRequired && property.default === undefined) {
      const why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(required(`${path}.items.properties[${key}].default`, why));
    }
  }
}

function conditionsOf(schema: JSONSchemaProps): [string, JSONSchemaProps][] {
  const lists = (["allOf", "anyOf", "oneOf"] as const).flatMap((keyword) =>
    (schema[keyword] ?? []).map((condition, index): [string, JSONSchemaProps] => [`${keyword}[${index}]`, condition]),
  );
  return schema.not ? [...lists, ["not", schema.not]] : lists;
}

function validateCondition(schema: JSONSchemaProps, path: string, errors: FieldError[], depth: number): void {
  if (depth > DEPTH_MAX) {
    errors.push(forbidden(path, `must not be deeper than ${DEPTH_MAX} levels`));
    return;
  }
  validateKeywords(schema, path, errors);
  // "an integer or a string" may be spelt out beside the extension that says so.
  const isTypeOnly = Object.keys(schema).length === 1 && (schema.type === "integer" || schema.type === "string");
  for (const keyword of STRUCTURE) {
    if (schema[keyword] !== undefined && !isTypeOnly) {
      errors.push(forbidden(`${path}.${keyword}`, "must be empty to be structural"));
    }
  }
  for (const keyword of CONDITION_EXTENSIONS) {
    if (schema[keyword] !== undefined)
      errors.push(forbidden(`${path}.${keyword}`, "must be undefined to be structural"));
  }
  for (const [place, child] of [...conditionsOf(schema), ...childSchemas(schema)]) {
    validateCondition(child, `${path}.${place}`, errors, depth + 1);
  }
}

/** Metadata is the API's own; a schema may only narrow its names. */
function validateMetadata(schema: JSONSchemaProps | undefined, path: string): FieldError[] {
  if (!schema) return [];
  const others = Object.keys(schema.properties ?? {}).filter((field) => field !== "name" && field !== "generateName");
  if (others.length === 0) return [];
  return [
    forbidden(path, "must not specify anything other than name and generateName, but metadata is implicitly specified"),
  ];
}
