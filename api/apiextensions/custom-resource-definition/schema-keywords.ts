// What is wrong with a schema keyword by keyword, wherever it stands.

import type { JSONSchemaProps } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { asSchema, propertyOf, SCHEMA_DEPTH_MAX } from "./schema-children.ts";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
const UNSUPPORTED = ["additionalItems", "patternProperties", "definitions", "dependencies", "$ref"] as const;
const OBJECT_FIELDS: ReadonlySet<string> = new Set(["metadata", "kind", "apiVersion"]);

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly isRoot: boolean;
  /** Why no default may stand here; undefined where it may. */
  readonly noDefaults: string | undefined;
  /** In the metadata or the type of an object. */
  readonly isMeta: boolean;
}

export function keywordFaults(schema: JSONSchemaProps, path: string): FieldError[] {
  return faultsOf(schema, { path, depth: 0, isRoot: true, noDefaults: undefined, isMeta: false });
}

function faultsOf(schema: JSONSchemaProps, place: Place): FieldError[] {
  const { path, depth } = place;
  if (depth > SCHEMA_DEPTH_MAX) return [forbidden(path, `must not be deeper than ${SCHEMA_DEPTH_MAX} levels`)];
  const errors = wordFaults(schema, place);
  if (schema.uniqueItems) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  const { additionalProperties, properties = {} } = schema;
  if (additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties).length > 0) {
    const why = "additionalProperties and properties are mutual exclusive";
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  for (const [part, below] of placedParts(schema, place)) errors.push(...faultsOf(part, below));
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"];
  if (keepsUnknown === false) {
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  }
  return [...errors, ...mapTypeFaults(schema, path), ...listTypeFaults(schema, path), ...listItemFaults(schema, path)];
}

function placedParts(schema: JSONSchemaProps, place: Place): [JSONSchemaProps, Place][] {
  const parts: [JSONSchemaProps, Place][] = [];
  const add = (part: JSONSchemaProps | undefined, step: string, more: Partial<Place> = {}) => {
    const below = { ...place, path: `${place.path}.${step}`, depth: place.depth + 1, isRoot: false, ...more };
    if (part) parts.push([part, below]);
  };
  const inMaps = { noDefaults: "inside additionalProperties applying to object metadata" };
  add(asSchema(schema.additionalProperties), "additionalProperties", place.isMeta ? inMaps : {});
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isObject = place.isRoot || schema["x-kubernetes-embedded-resource"] === true;
    const isMeta = isObject && OBJECT_FIELDS.has(name);
    const noDefaults = isMeta && place.isRoot ? { noDefaults: `in top-level ${name}` } : {};
    add(property, `properties[${name}]`, isMeta ? { isMeta: true, ...noDefaults } : {});
  }
  add(schema.not, "not");
  for (const keyword of ["allOf", "oneOf", "anyOf"] as const) {
    for (const [index, part] of (schema[keyword] ?? []).entries()) add(part, `${keyword}[${index}]`);
  }
  for (const [name, part] of Object.entries(schema.definitions ?? {})) add(asSchema(part), `definitions[${name}]`);
  if (!Array.isArray(schema.items)) add(asSchema(schema.items), "items");
  else for (const [index, part] of schema.items.entries()) add(asSchema(part), `items[${index}]`);
  for (const [name, part] of Object.entries(schema.dependencies ?? {})) add(asSchema(part), `dependencies[${name}]`);
  return parts;
}

function wordFaults(schema: JSONSchemaProps, { path, noDefaults, isMeta }: Place): FieldError[] {
  const { type } = schema;
  const errors: FieldError[] = [];
  if (type && !TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined) {
    errors.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`));
  }
  if (schema.id) errors.push(forbidden(`${path}.id`, "id is not supported"));
  for (const keyword of UNSUPPORTED) {
    const value: unknown = schema[keyword];
    const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    if (value !== undefined && !isEmpty) errors.push(forbidden(`${path}.${keyword}`, `${keyword} is not supported`));
  }
  if (type === "null") {
    errors.push(forbidden(`${path}.type`, "type cannot be set to null, use nullable as an alternative"));
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    errors.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  }
  if (isMeta && schema["x-kubernetes-embedded-resource"]) {
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"));
  }
  return errors;
}

function typeFault(type: string | undefined, path: string, why: string): FieldError {
  return type ? invalidValue(`${path}.type`, type, why) : required(`${path}.type`, why);
}

function mapTypeFaults(schema: JSONSchemaProps, path: string): FieldError[] {
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType === undefined) return [];
  const errors =
    schema.type === "object"
      ? []
      : [typeFault(schema.type, path, "must be object if x-kubernetes-map-type is specified")];
  if (mapType === "atomic" || mapType === "granular") return errors;
  return [...errors, notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"])];
}

function listTypeFaults(schema: JSONSchemaProps, path: string): FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const place = `${path}.x-kubernetes-list-type`;
  const items = asSchema(schema.items);
  const errors: FieldError[] = [];
  if (listType !== undefined && schema.type !== "array") {
    errors.push(typeFault(schema.type, path, "must be array if x-kubernetes-list-type is specified"));
  } else if (listType === "set" && items) errors.push(...setItemFaults(items, `${path}.items`));
  if (listType !== undefined && !["atomic", "map", "set"].includes(listType)) {
    errors.push(notSupported(place, listType, ["atomic", "map", "set"]));
  }
  const why = "must be map if x-kubernetes-list-map-keys is non-empty";
  if (keys.length > 0 && listType !== "map") {
    errors.push(listType === undefined ? required(place, why) : invalidValue(place, listType, why));
  }
  return listType === "map" ? [...errors, ...mapListFaults(schema, keys, path)] : errors;
}

/** What is in a set is one value. */
function setItemFaults(items: JSONSchemaProps, path: string): FieldError[] {
  const listType = items["x-kubernetes-list-type"];
  const why = "must be atomic as item of a list with x-kubernetes-list-type=set";
  if (items.type === "array" && listType !== undefined && listType !== "atomic") {
    return [invalidValue(`${path}.x-kubernetes-list-type`, listType, why)];
  }
  if (items.type !== "object" || items["x-kubernetes-map-type"] === "atomic") return [];
  // Upstream shows the list's type.
  return [invalidValue(`${path}.x-kubernetes-map-type`, listType ?? null, why)];
}

function mapListFaults(schema: JSONSchemaProps, keys: readonly string[], path: string): FieldError[] {
  const place = `${path}.x-kubernetes-list-map-keys`;
  const errors: FieldError[] = [];
  if (keys.length === 0) errors.push(required(place, "must not be empty if x-kubernetes-list-type is map"));
  if (schema.items === undefined) {
    return [...errors, required(`${path}.items`, "must have a schema if x-kubernetes-list-type is map")];
  }
  const items = asSchema(schema.items);
  if (!items) {
    const why = "must only have a single schema if x-kubernetes-list-type is map";
    return [...errors, invalidValue(`${path}.items`, schema.items, why)];
  }
  if (items.type !== "object") {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalidValue(`${path}.items.type`, items.type ?? "", why)];
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = propertyOf(items, key);
    if (!property) errors.push(invalidValue(place, keys, "entries must all be names of item properties"));
    else if (property.type === "array" || property.type === "object") {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidValue(`${path}.items.properties[${key}].type`, items.type, why));
    }
    if (seen.has(key)) errors.push(invalidValue(place, keys, "must not contain duplicate entries"));
    seen.add(key);
  }
  return errors;
}

/** The keys of a list that is a map are always there, and so are the items of it and of a set. */
function listItemFaults(schema: JSONSchemaProps, path: string): FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  const items = asSchema(schema.items);
  if (!items || (listType !== "set" && listType !== "map")) return [];
  const errors: FieldError[] = [];
  if (items.nullable) {
    errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  if (listType === "set") return errors;
  for (const key of schema["x-kubernetes-list-map-keys"] ?? []) {
    const property = propertyOf(items, key);
    if (!property) continue;
    const place = `${path}.items.properties[${key}]`;
    if (!items.required?.includes(key) && property.default === undefined) {
      const why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(required(`${place}.default`, why));
    }
    if (property.nullable) {
      const why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
      errors.push(forbidden(`${place}.nullable`, why));
    }
  }
  return errors;
}
