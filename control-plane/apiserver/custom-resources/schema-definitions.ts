// A custom resource's schema as definitions of the schema model: what server-side apply and the OpenAPI documents read.

import type { Schema } from "@atoll/api/schema";
import { isRecord, type StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { type Published, type PublishedParts, publishedSchema } from "./published-schema.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const OBJECT_META = `${META}.ObjectMeta`;

const API_VERSION: Schema = { type: "string", description: "The group and version of the object's schema." };
const KIND: Schema = { type: "string", description: "What the object is." };
const OBJECT_FIELDS: Readonly<Record<string, Schema>> = {
  apiVersion: API_VERSION,
  kind: KIND,
  metadata: { ref: OBJECT_META, description: "Name, labels and all else that every object has." },
};

export interface CustomNames {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
}

/** "com.example.v1.CronTab" for CronTab of example.com. */
export function definitionName({ group, version, kind }: Omit<CustomNames, "listKind">): string {
  return `${group.split(".").reverse().join(".")}.${version}.${kind}`;
}

export function customDefinitions(
  names: CustomNames,
  schema: StructuralSchema,
  selectableFields: readonly string[] = [],
): Record<string, Schema> {
  const { group, version, kind, listKind } = names;
  const name = definitionName(names);
  const whole = modelOf({ ...schema, "x-kubernetes-embedded-resource": true });
  return {
    [name]: { ...whole, kinds: [{ group, version, kind }], published: publishedOf(names, schema, selectableFields) },
    [`${name}List`]: {
      type: "object",
      description: `A list of ${kind} objects.`,
      properties: {
        apiVersion: API_VERSION,
        items: { type: "array", items: { ref: name } },
        kind: KIND,
        metadata: { ref: `${META}.ListMeta` },
      },
      required: ["items"],
      kinds: [{ group, version, kind: listKind }],
    },
  };
}

const METADATA_TEXT = "Standard object's metadata: name, labels and all else that every object has.";

/** The author's own schema, with the fields that every object has. */
function publishedOf(
  { group, version, kind }: CustomNames,
  schema: StructuralSchema,
  selectableFields: readonly string[],
): Record<"v2" | "v3", Published> {
  const parts: PublishedParts = {
    apiVersion: { ...API_VERSION },
    kind: { ...KIND },
    metadata: {
      v2: { description: METADATA_TEXT, $ref: `#/definitions/${OBJECT_META}` },
      v3: { description: METADATA_TEXT, allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }], default: {} },
    },
    groupVersionKind: { group, version, kind },
    selectableFields,
  };
  return { v2: publishedSchema(schema, "v2", parts), v3: publishedSchema(schema, "v3", parts) };
}

/** Values of any shape are a schema without a type. */
function modelOf(schema: StructuralSchema): Schema {
  const description = schema.description === undefined ? {} : { description: schema.description };
  const facts = { ...description, ...(schema.default === undefined ? {} : { default: schema.default }) };
  if (schema["x-kubernetes-int-or-string"]) return { ...facts, type: "string", format: "int-or-string" };
  switch (schema.type) {
    case "object":
      return { ...facts, ...objectOf(schema) };
    case "array":
      return { ...facts, ...listOf(schema) };
    case "string":
    case "integer":
    case "number":
    case "boolean":
      return { ...facts, type: schema.type };
    default:
      return facts;
  }
}

function objectOf(schema: StructuralSchema): Schema {
  const mapType = schema["x-kubernetes-map-type"];
  const own = Object.entries(schema.properties ?? {}).map(([name, child]): [string, Schema] => [name, modelOf(child)]);
  const properties = {
    ...Object.fromEntries(own),
    ...(schema["x-kubernetes-embedded-resource"] ? OBJECT_FIELDS : {}),
  };
  const { additionalProperties } = schema;
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const rest = isRecord(additionalProperties) ? modelOf(additionalProperties) : keepsUnknown ? {} : undefined;
  return {
    type: "object",
    ...(mapType === "atomic" || mapType === "granular" ? { mapType } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(rest ? { additionalProperties: rest } : {}),
    ...(schema.required ? { required: schema.required } : {}),
  };
}

function listOf(schema: StructuralSchema): Schema {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  return {
    type: "array",
    ...(schema.items ? { items: modelOf(schema.items) } : {}),
    ...(listType === "atomic" || listType === "set" || listType === "map" ? { listType } : {}),
    ...(keys ? { listMapKeys: keys } : {}),
  };
}
