// What Go calls the types of schemas, and of the JSON that is sent for them.

import type { Schema } from "@atoll/api/schema";

export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return value === null ? "null" : typeof value;
}

/** Without its package: "PodSpec". */
export function shortName(definition: string): string {
  return definition.slice(definition.lastIndexOf(".") + 1);
}

/** "v1.PodSpec", "[]v1.Container", "map[string]string": what users of Kubernetes have learnt to read. */
export function goTypeOf(schema: Schema, name: string | undefined): string {
  if (name !== undefined) return name.split(".").slice(-2).join(".");
  if (schema.ref !== undefined) return goTypeOf({}, schema.ref);
  switch (schema.type) {
    case "array":
      return `[]${goTypeOf(schema.items ?? {}, undefined)}`;
    case "object":
      return `map[string]${schema.additionalProperties ? goTypeOf(schema.additionalProperties, undefined) : "interface {}"}`;
    case "integer":
      return schema.format ?? "int64";
    case "boolean":
      return "bool";
    case "number":
      return "float64";
    case "string":
      return schema.format === "byte" ? "[]uint8" : "string";
    default:
      return "interface {}";
  }
}
