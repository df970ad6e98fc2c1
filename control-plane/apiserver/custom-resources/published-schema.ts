// A custom resource's schema as the OpenAPI documents show it. Version 3 shows the author's own; version 2 is read by clients
// that take an object with properties to have no others, so what is open, nullable or a choice is shown as less than it is.

import { isRecord } from "@atoll/base/is-record";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";

export type Published = Record<string, unknown>;

export interface PublishedParts {
  readonly metadata: { readonly v2: Published; readonly v3: Published };
  readonly apiVersion: Published;
  readonly kind: Published;
  readonly groupVersionKind: Published;
  /** As in the definition, ".spec.color". */
  readonly selectableFields: readonly string[];
}

type Dialect = "v2" | "v3";

export function publishedSchema(schema: StructuralSchema, dialect: Dialect, parts: PublishedParts): Published {
  const facts = { "x-kubernetes-group-version-kind": [parts.groupVersionKind] };
  // Any named field would make such a client refuse all others.
  if (dialect === "v2" && schema["x-kubernetes-preserve-unknown-fields"]) return { type: "object", ...facts };
  const { metadata, apiVersion, kind, selectableFields } = parts;
  const shown = publishedNode(schema, dialect, parts);
  const properties = isRecord(shown.properties) ? shown.properties : {};
  return {
    ...shown,
    type: "object",
    properties: { ...properties, apiVersion, kind, metadata: metadata[dialect] },
    ...facts,
    ...(dialect === "v3" && selectableFields.length > 0
      ? { "x-kubernetes-selectable-fields": selectableFields.map((fieldPath) => ({ fieldPath })) }
      : {}),
  };
}

function publishedNode(schema: StructuralSchema, dialect: Dialect, parts: PublishedParts): Published {
  const shown: Published = { ...(dialect === "v2" ? reduced(schema) : schema) };
  const { properties, items, additionalProperties } = shown;
  const node = (child: unknown) => publishedNode(child as StructuralSchema, dialect, parts); // parts of a schema are schemas
  if (isRecord(properties)) {
    shown.properties = Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, node(child)]));
  }
  if (isRecord(items)) shown.items = node(items);
  if (isRecord(additionalProperties)) shown.additionalProperties = node(additionalProperties);
  const isOpen = dialect === "v2" && schema["x-kubernetes-preserve-unknown-fields"] === true;
  return schema["x-kubernetes-embedded-resource"] && !isOpen ? embedded(shown, dialect, parts) : shown;
}

/** A whole object within the object. */
function embedded(shown: Published, dialect: Dialect, { metadata, apiVersion, kind }: PublishedParts): Published {
  const properties = isRecord(shown.properties) ? shown.properties : {};
  const required = Array.isArray(shown.required) ? shown.required : [];
  const missing = ["kind", "apiVersion"].filter((name) => !required.includes(name));
  return {
    ...shown,
    properties: { ...properties, apiVersion, kind, metadata: metadata[dialect] },
    required: [...required, ...missing],
  };
}

/** Without what version 2 cannot say or its readers stumble over. */
function reduced(schema: StructuralSchema): Published {
  const { allOf: _all, anyOf: _any, oneOf: _one, not: _not, nullable, ...shown } = schema;
  const rest: Published = { ...shown };
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (nullable || isOpen) {
    delete rest.items;
    delete rest.properties;
  }
  const isBareList = rest.type === "array" && rest.items === undefined;
  if (nullable || isBareList || (isOpen && rest.type === "object")) delete rest.type;
  const children = isRecord(rest.properties) ? rest.properties : {};
  const required = (schema.required ?? []).filter((name) => !isNullable(children[name]));
  delete rest.required;
  if (required.length > 0 && !isNullable(rest.additionalProperties)) rest.required = required;
  return rest;
}

function isNullable(schema: unknown): boolean {
  return isRecord(schema) && schema.nullable === true;
}
