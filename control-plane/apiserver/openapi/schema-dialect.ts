// The schema model in the two dialects that clients read: OpenAPI 2 ("definitions") and OpenAPI 3 ("components").

import type { Schema, SchemaModel } from "@atoll/api/schema";

export type Dialect = "v2" | "v3";

export type OpenApiSchema = Record<string, unknown>;

const REF_PREFIX: Readonly<Record<Dialect, string>> = { v2: "#/definitions/", v3: "#/components/schemas/" };

export function referTo(definition: string, dialect: Dialect): OpenApiSchema {
  return { $ref: `${REF_PREFIX[dialect]}${definition}` };
}

export function writeSchema(schema: Schema, dialect: Dialect): OpenApiSchema {
  if (schema.published) return schema.published[dialect];
  const description = schema.description ? { description: schema.description } : {};
  const facts = { ...description, ...writeFacts(schema), ...writeDefault(schema, dialect) };
  if (schema.ref === undefined) return { ...facts, ...writeShape(schema, dialect) };
  // In version 3 nothing may stand beside a reference, so it is wrapped.
  if (dialect === "v3" && Object.keys(facts).length > 0) return { ...facts, allOf: [referTo(schema.ref, dialect)] };
  return { ...facts, ...referTo(schema.ref, dialect) };
}

function writeShape(schema: Schema, dialect: Dialect): OpenApiSchema {
  const { type, format } = schema;
  if (format === "quantity") return dialect === "v3" ? { oneOf: [{ type: "string" }, { type: "number" }] } : { type };
  if (format === "int-or-string") {
    return dialect === "v3" ? { format, oneOf: [{ type: "integer" }, { type: "string" }] } : { type, format };
  }
  const shape: OpenApiSchema = {};
  if (type !== undefined) shape.type = type;
  if (format !== undefined) shape.format = format === "date-time-micro" ? "date-time" : format;
  if (schema.properties) {
    shape.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, writeSchema(property, dialect)]),
    );
  }
  if (schema.additionalProperties) shape.additionalProperties = writeSchema(schema.additionalProperties, dialect);
  if (schema.items) shape.items = writeSchema(schema.items, dialect);
  if (schema.required) shape.required = schema.required;
  return shape;
}

function writeDefault(schema: Schema, dialect: Dialect): OpenApiSchema {
  return dialect === "v3" && schema.default !== undefined ? { default: schema.default } : {};
}

function writeFacts(schema: Schema): OpenApiSchema {
  const facts: OpenApiSchema = {};
  if (schema.listType) facts["x-kubernetes-list-type"] = schema.listType;
  if (schema.listMapKeys) facts["x-kubernetes-list-map-keys"] = schema.listMapKeys;
  if (schema.mapType) facts["x-kubernetes-map-type"] = schema.mapType;
  if (schema.patchStrategy) facts["x-kubernetes-patch-strategy"] = schema.patchStrategy.join(",");
  if (schema.patchMergeKey) facts["x-kubernetes-patch-merge-key"] = schema.patchMergeKey;
  if (schema.kinds) facts["x-kubernetes-group-version-kind"] = schema.kinds;
  return facts;
}

/** The named definitions and all that they refer to, by name in order. */
export function collectDefinitions(model: SchemaModel, names: Iterable<string>, dialect: Dialect): OpenApiSchema {
  const found = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const definition = model.definitions[name];
    if (found.has(name) || !definition) continue;
    found.add(name);
    waiting.push(...referencesOf(definition));
  }
  return Object.fromEntries(
    [...found].sort().map((name) => [name, writeSchema(model.definitions[name] ?? {}, dialect)]),
  );
}

function referencesOf(schema: Schema): string[] {
  const children = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  const own = schema.ref === undefined ? [] : [schema.ref];
  return [...own, ...children.flatMap((child) => (child ? referencesOf(child) : []))];
}
