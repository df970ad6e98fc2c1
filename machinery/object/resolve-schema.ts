// What a schema says that only names a definition of its model.

import type { Schema, SchemaModel } from "@atoll/api/schema";

/** The definition a schema refers to, or the schema itself. */
export function resolveSchema(model: SchemaModel, schema: Schema): Schema {
  if (schema.ref === undefined) return schema;
  const definition = model.definitions[schema.ref];
  if (!definition) throw new Error(`The schema model has no definition "${schema.ref}"`);
  return definition;
}
