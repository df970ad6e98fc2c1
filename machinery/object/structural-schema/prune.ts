// Takes out of a custom resource what its schema does not know: fields nobody has described must not be kept, for a later
// version of the schema could give them a meaning.

import { isRecord } from "@atoll/base/is-record";
import { fieldPath, schemaOfField, type StructuralSchema } from "./structural-schema.ts";

/** What every whole object has; its metadata is checked elsewhere. */
const OBJECT_FIELDS: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/** Prunes a whole object in place. The result: the paths of what was taken out. */
export function pruneObject(object: object, schema: StructuralSchema): string[] {
  const removed: string[] = [];
  prune(object, { ...schema, "x-kubernetes-embedded-resource": true }, { path: "", keepsUnknown: false, removed });
  return removed.sort();
}

/** Prunes a part of an object in place, in the same way. */
export function pruneValue(value: unknown, schema: StructuralSchema): string[] {
  const removed: string[] = [];
  prune(value, schema, { path: "", keepsUnknown: false, removed });
  return removed;
}

interface Place {
  readonly path: string;
  /** True below `x-kubernetes-preserve-unknown-fields`, until a schema describes fields again. */
  readonly keepsUnknown: boolean;
  readonly removed: string[];
}

function prune(value: unknown, schema: StructuralSchema | undefined, place: Place): void {
  const { path, removed } = place;
  const keepsUnknown =
    schema?.["x-kubernetes-preserve-unknown-fields"] === true || (schema === undefined && place.keepsUnknown);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      prune(item, schema?.items, { path: `${path}[${index}]`, keepsUnknown, removed });
    }
    return;
  }
  if (!isRecord(value)) return;
  const isObject = schema?.["x-kubernetes-embedded-resource"] === true;
  for (const [field, item] of Object.entries(value)) {
    if (isObject && OBJECT_FIELDS.has(field)) continue;
    const below = { path: fieldPath(path, field), keepsUnknown, removed };
    const schemaOfItem = schema && schemaOfField(schema, field);
    if (schemaOfItem || keepsUnknown || schema?.additionalProperties === true) prune(item, schemaOfItem, below);
    else {
      delete value[field];
      removed.push(below.path);
    }
  }
}
