import { ownValue } from "@atoll/base/own-value";
import type { JSONSchemaProps } from "../../generated/types.ts";

/** Deeper schemas than any value that the server reads. */
export const SCHEMA_DEPTH_MAX = 100;

/** The schemas of a value's parts, each with its path below this one: "properties[spec]". */
export function childSchemas(schema: JSONSchemaProps): [path: string, child: JSONSchemaProps][] {
  const children = Object.entries(schema.properties ?? {}).map(([name, child]): [string, JSONSchemaProps] => [
    `properties[${name}]`,
    child,
  ]);
  const items = asSchema(schema.items);
  const additional = asSchema(schema.additionalProperties);
  if (items) children.push(["items", items]);
  if (additional) children.push(["additionalProperties", additional]);
  return children;
}

/** And those of the conditions on it. */
export function partsOf(schema: JSONSchemaProps): [path: string, part: JSONSchemaProps][] {
  const lists = (["allOf", "anyOf", "oneOf"] as const).flatMap((keyword) =>
    (schema[keyword] ?? []).map((part, index): [string, JSONSchemaProps] => [`${keyword}[${index}]`, part]),
  );
  return [...childSchemas(schema), ...lists, ...(schema.not ? [["not", schema.not] as [string, JSONSchemaProps]] : [])];
}

/** Where a schema or something else may stand, the schema. */
export function asSchema(value: unknown): JSONSchemaProps | undefined {
  const isSchema = typeof value === "object" && value !== null && !Array.isArray(value);
  return isSchema ? (value as JSONSchemaProps) : undefined; // the field's type is a schema or an array or a boolean
}

/** Undefined: there is no property of this name. */
export function propertyOf({ properties = {} }: JSONSchemaProps, name: string): JSONSchemaProps | undefined {
  return ownValue(properties, name);
}
