// Lays what a policy says over an object, field by field and item by item as server-side apply does, but nobody comes to own
// anything. Lists and maps that are owned as a whole cannot be changed so: what the policy leaves out would be lost.

import type { KubeObject } from "@atoll/api/resource";
import { checkTyped } from "@atoll/machinery/object/managed-fields/check-typed";
import { mergeTyped } from "@atoll/machinery/object/managed-fields/merge-typed";
import { type Shape, shapeOfField } from "@atoll/machinery/object/managed-fields/shape";
import { TypedValueError } from "@atoll/machinery/object/managed-fields/typed-error";

/** A string: why it cannot be done. */
export function applyConfiguration(
  shape: Shape,
  object: KubeObject,
  configuration: Readonly<Record<string, unknown>>,
): unknown {
  const { apiVersion, kind } = object;
  const applied = { ...configuration, apiVersion, kind };
  try {
    checkTyped(shape, applied);
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    return `error applying patch: failed to convert patch object to typed object: ${error.message}`;
  }
  const atomics = atomicPlaces(shape, applied, "");
  if (atomics.length > 0) {
    const what = `may not mutate atomic arrays, maps or structs: ${atomics.join(", ")}`;
    return `error applying patch: invalid ApplyConfiguration: ${what}`;
  }
  return mergeTyped(shape, object, applied);
}

function atomicPlaces({ map, list }: Shape, value: unknown, path: string): string[] {
  if (Array.isArray(value) && list) {
    const own = list.isAtomic ? [path] : [];
    return [...own, ...value.flatMap((item, index) => atomicPlaces(list.items, item, `${path}[${index}]`))];
  }
  if (typeof value !== "object" || value === null || !map) return [];
  const own = map.isAtomic ? [path] : [];
  const fields = Object.entries(value).flatMap(([name, item]) => {
    const field = map.fields.has(name) ? shapeOfField(map, name) : undefined;
    return field ? atomicPlaces(field, item, `${path}.${name}`) : [];
  });
  return [...own, ...fields];
}
