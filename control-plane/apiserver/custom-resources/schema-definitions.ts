// A custom resource's schema as definitions of the schema model: what server-side apply and the OpenAPI documents read.

import type { Schema, SchemaModel } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { type Published, type PublishedParts, publishedSchema } from "./published-schema.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const OBJECT_META = `${META}.ObjectMeta`;

/** Has what every object has, explained as all built-in kinds explain it. */
const EXAMPLE = "io.k8s.api.core.v1.ConfigMap";

const METADATA_TEXT =
  "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

interface ObjectFields {
  readonly apiVersion: Schema;
  readonly kind: Schema;
  readonly metadata: Schema;
}

function objectFieldsOf(model: SchemaModel): ObjectFields {
  const { apiVersion, kind, metadata } = model.definitions[EXAMPLE]?.properties ?? {};
  return {
    apiVersion: apiVersion ?? { type: "string" },
    kind: kind ?? { type: "string" },
    metadata: { description: METADATA_TEXT, ...(metadata ?? { ref: OBJECT_META }) },
  };
}

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
  {
    model,
    selectableFields = [],
  }: { readonly model: SchemaModel; readonly selectableFields?: readonly string[] | undefined },
): Record<string, Schema> {
  const fields = objectFieldsOf(model);
  const { group, version, kind, listKind } = names;
  const name = definitionName(names);
  const whole = modelOf({ ...schema, "x-kubernetes-embedded-resource": true }, { ...fields, keepsUnknown: false });
  return {
    [name]: {
      ...whole,
      kinds: [{ group, version, kind }],
      published: publishedOf(names, schema, { fields, selectableFields }),
    },
    [`${name}List`]: {
      type: "object",
      description: `A list of ${kind} objects.`,
      properties: {
        apiVersion: fields.apiVersion,
        items: { type: "array", items: { ref: name } },
        kind: fields.kind,
        metadata: { ref: `${META}.ListMeta` },
      },
      required: ["items"],
      kinds: [{ group, version, kind: listKind }],
    },
  };
}

/** The author's own schema, with the fields that every object has. */
function publishedOf(
  { group, version, kind }: CustomNames,
  schema: StructuralSchema,
  { fields, selectableFields }: { readonly fields: ObjectFields; readonly selectableFields: readonly string[] },
): Record<"v2" | "v3", Published> {
  const description = fields.metadata.description ? { description: fields.metadata.description } : {};
  const parts: PublishedParts = {
    apiVersion: { ...fields.apiVersion },
    kind: { ...fields.kind },
    metadata: {
      v2: { ...description, $ref: `#/definitions/${OBJECT_META}` },
      v3: { ...description, allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }], default: {} },
    },
    groupVersionKind: { group, version, kind },
    selectableFields,
  };
  return { v2: publishedSchema(schema, "v2", parts), v3: publishedSchema(schema, "v3", parts) };
}

interface Place extends ObjectFields {
  /** Whether a schema on the way here keeps what it does not know: what is below does, too, whatever it says itself. */
  readonly keepsUnknown: boolean;
}

/** Values of any shape are a schema without a type. */
function modelOf(schema: StructuralSchema, place: Place): Schema {
  const description = schema.description === undefined ? {} : { description: schema.description };
  const facts = { ...description, ...(schema.default === undefined ? {} : { default: schema.default }) };
  const below = {
    ...place,
    keepsUnknown: place.keepsUnknown || schema["x-kubernetes-preserve-unknown-fields"] === true,
  };
  if (schema["x-kubernetes-int-or-string"]) return { ...facts, format: "int-or-string" };
  switch (schema.type) {
    case "object":
      return { ...facts, ...objectOf(schema, below) };
    case "array":
      return { ...facts, ...listOf(schema, below) };
    case "string": {
      const { format } = schema;
      const isPlain = format === undefined || format === "byte";
      return { ...facts, type: "string", ...(isPlain ? {} : { format: "checked" }) };
    }
    case "integer":
    case "number":
    case "boolean":
      return { ...facts, type: schema.type };
    default:
      return facts;
  }
}

function objectOf(schema: StructuralSchema, place: Place): Schema {
  const { apiVersion, kind, metadata } = place;
  const mapType = schema["x-kubernetes-map-type"];
  const own = Object.entries(schema.properties ?? {}).map(([name, child]): [string, Schema] => [
    name,
    modelOf(child, place),
  ]);
  const properties = {
    ...Object.fromEntries(own),
    ...(schema["x-kubernetes-embedded-resource"] ? { apiVersion, kind, metadata } : {}),
  };
  const { additionalProperties } = schema;
  const rest = isRecord(additionalProperties)
    ? modelOf(additionalProperties, place)
    : place.keepsUnknown
      ? {}
      : undefined;
  return {
    type: "object",
    ...(mapType === "atomic" || mapType === "granular" ? { mapType } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(rest ? { additionalProperties: rest } : {}),
    ...(schema.required ? { required: schema.required } : {}),
  };
}

function listOf(schema: StructuralSchema, place: Place): Schema {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  return {
    type: "array",
    ...(schema.items ? { items: modelOf(schema.items, place) } : {}),
    ...(listType === "atomic" || listType === "set" || listType === "map" ? { listType } : {}),
    ...(keys ? { listMapKeys: keys } : {}),
  };
}
