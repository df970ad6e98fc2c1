// Fills in what a schema gives as defaults. Done for every request and again for every object that is read from the store,
// so that a default added later holds for objects from before.

import { isRecord, schemaOfField, setField, type StructuralSchema } from "./structural-schema.ts";

/** In place and idempotent. A null where none may stand counts as absent: it gives way to the default, or goes. */
export function applySchemaDefaults(value: unknown, schema: StructuralSchema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applySchemaDefaults(item, schema.items);
    return;
  }
  if (!isRecord(value)) return;
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    const isSet = Object.hasOwn(value, field) && !(value[field] === null && property.nullable !== true);
    if (!isSet) setField(value, field, structuredClone(property.default));
  }
  for (const [field, item] of Object.entries(value)) {
    const schemaOfItem = schemaOfField(schema, field);
    if (!schemaOfItem) continue;
    if (item === null && schemaOfItem.nullable !== true) delete value[field];
    else applySchemaDefaults(item, schemaOfItem);
  }
}

/** Whether there is any default at all: most schemas have none, and their objects need no look. */
export function hasDefaults(schema: StructuralSchema): boolean {
  if (schema.default !== undefined) return true;
  const { items, additionalProperties } = schema;
  const children = [...Object.values(schema.properties ?? {}), items, additionalProperties];
  return children.some((child) => typeof child === "object" && hasDefaults(child));
}
