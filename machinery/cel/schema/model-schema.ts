// What the schema model says of a built-in kind, as a schema whose types expressions can be checked against.

import type { Schema, SchemaModel } from "@atoll/api/schema";
import type { StructuralSchema } from "../../object/structural-schema/structural-schema.ts";

/** Undefined: the model has no such definition. What holds itself ends there. */
export function schemaFromModel(
  model: SchemaModel,
  name: string,
  above: readonly string[] = [],
): StructuralSchema | undefined {
  if (above.includes(name)) return { type: "object" };
  const definition = model.definitions[name];
  return definition && structuralOf(model, definition, [...above, name]);
}

function structuralOf(model: SchemaModel, schema: Schema, above: readonly string[]): StructuralSchema {
  const { ref, type, format, properties, additionalProperties, items, required } = schema;
  if (ref !== undefined) return schemaFromModel(model, ref, above) ?? {};
  if (format === "int-or-string") return { "x-kubernetes-int-or-string": true };
  return {
    ...(type ? { type } : {}),
    ...(format ? { format: format === "date-time-micro" ? "date-time" : format } : {}),
    ...(required ? { required } : {}),
    ...(properties
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([field, child]) => [field, structuralOf(model, child, above)]),
          ),
        }
      : {}),
    ...(additionalProperties ? { additionalProperties: structuralOf(model, additionalProperties, above) } : {}),
    ...(items ? { items: structuralOf(model, items, above) } : {}),
  };
}
