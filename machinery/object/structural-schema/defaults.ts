// Fills in what a schema gives as defaults. Done for every request and again for every object that is read from the store,
// so that a default added later holds for objects from before.

import { isRecord } from "@atoll/base/is-record";
import { schemaOfField, setField, type StructuralSchema } from "./structural-schema.ts";

/** In place and idempotent. A null where none may stand gives way to the default, and stays where there is none. */
export function applySchemaDefaults(value: unknown, schema: StructuralSchema): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return;
    for (const [index, item] of value.entries()) {
      if (isWrongNull(item, items)) value[index] = structuredClone(items.default ?? null);
      applySchemaDefaults(value[index], items);
    }
    return;
  }
  if (!isRecord(value)) return;
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    const isSet = Object.hasOwn(value, field) && !isWrongNull(value[field], property);
    if (!isSet) setField(value, field, structuredClone(property.default));
  }
  for (const field of Object.keys(value)) {
    const schemaOfItem = schemaOfField(schema, field);
    if (!schemaOfItem) continue;
    if (isWrongNull(value[field], schemaOfItem)) setField(value, field, structuredClone(schemaOfItem.default ?? null));
    applySchemaDefaults(value[field], schemaOfItem);
  }
}

/** In place: takes out the nulls that may not stand where they do and that no default replaces. Lists keep theirs. */
export function dropWrongNulls(value: unknown, schema: StructuralSchema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    for (const item of value) dropWrongNulls(item, schema.items);
    return;
  }
  if (!isRecord(value)) return;
  for (const [field, item] of Object.entries(value)) {
    const schemaOfItem = schemaOfField(schema, field);
    if (schemaOfItem && isWrongNull(item, schemaOfItem) && schemaOfItem.default === undefined) delete value[field];
    else dropWrongNulls(item, schemaOfItem);
  }
}

function isWrongNull(value: unknown, { nullable }: StructuralSchema): boolean {
  return value === null && nullable !== true;
}

/** Whether there is any default at all: most schemas have none, and their objects need no look. */
export function hasDefaults(schema: StructuralSchema): boolean {
  if (schema.default !== undefined) return true;
  const { items, additionalProperties } = schema;
  const children = [...Object.values(schema.properties ?? {}), items, additionalProperties];
  return children.some((child) => typeof child === "object" && hasDefaults(child));
}
