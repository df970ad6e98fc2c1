import type { JSONSchemaProps } from "../../generated/types.ts";

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

/** Where a schema or something else may stand, the schema. */
export function asSchema(value: unknown): JSONSchemaProps | undefined {
  const isSchema = typeof value === "object" && value !== null && !Array.isArray(value);
  return isSchema ? (value as JSONSchemaProps) : undefined; // the field's type is a schema or an array or a boolean
}
