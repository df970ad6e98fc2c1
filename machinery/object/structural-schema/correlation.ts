// Which parts of an object are what they were before an update. Such parts are not held against whoever updates: a schema may
// have become stricter since they were written.

import { isRecord } from "@atoll/base/is-record";
import { ownValue } from "@atoll/base/own-value";
import { isDeepEqual } from "../deep-equal.ts";
import { schemaOfField, type StructuralSchema } from "./structural-schema.ts";

/** As upstream sees it: an object with a field that its schema does not describe never counts as unchanged. */
export function isUnchanged(value: unknown, old: unknown, schema: StructuralSchema): boolean {
  if (Array.isArray(value)) return Array.isArray(old) && isListUnchanged(value, old, schema);
  if (!isRecord(value) || !isRecord(old)) return isDeepEqual(value, old);
  const fields = Object.keys(value);
  if (fields.length !== Object.keys(old).length) return false;
  return fields.every((field) => {
    const child = schemaOfField(schema, field);
    return child !== undefined && Object.hasOwn(old, field) && isUnchanged(value[field], old[field], child);
  });
}

function isListUnchanged(list: readonly unknown[], old: readonly unknown[], schema: StructuralSchema): boolean {
  if (list.length !== old.length) return false;
  const { items } = schema;
  if (!items || schema["x-kubernetes-list-type"] !== "map") return isDeepEqual(list, old);
  const formerOf = formerItems(schema, old);
  return list.every((item) => {
    const former = formerOf(item);
    return former !== undefined && isUnchanged(item, former, items);
  });
}

/** Only in lists of the type "map" an item can be told from before, by its keys. */
export function formerItems(schema: StructuralSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (schema["x-kubernetes-list-type"] !== "map" || !Array.isArray(old)) return () => undefined;
  const keyOf = (item: unknown) =>
    isRecord(item) ? JSON.stringify(keys.map((key) => ownValue(item, key) ?? null)) : undefined;
  const former = new Map(old.map((item: unknown) => [keyOf(item), item]));
  return (item) => {
    const key = keyOf(item);
    return key === undefined ? undefined : former.get(key);
  };
}
