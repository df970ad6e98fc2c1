// The order of fields in upstream's types: its converter goes through a type field by field and stops at the first that does not
// fit, where its reader of JSON goes through the text.

import { GO_NAMES } from "@atoll/api/facts/go-names";
import type { Schema, SchemaModel } from "@atoll/api/schema";
import { resolveSchema } from "@atoll/machinery/object/resolve-schema";

interface Placed {
  /** "spec.containers[0].image" */
  readonly field: string;
}

/** Keys of maps, and fields whose place is not known, stay in the order in which they come. */
export function firstOfStruct<T extends Placed>(
  model: SchemaModel,
  definition: string,
  found: readonly T[],
): T | undefined {
  const placed = found.map((item) => ({ item, place: placeOf(model, definition, item.field) }));
  return placed.toSorted((a, b) => comparePlaces(a.place, b.place))[0]?.item;
}

function comparePlaces(left: readonly number[], right: readonly number[]): number {
  for (const [index, place] of left.entries()) {
    const other = right[index];
    if (other === undefined || place === other) continue;
    return place < 0 || other < 0 ? 0 : place - other;
  }
  return 0;
}

/** Of each step of a path how many come before it; -1 where that is not known. */
function placeOf(model: SchemaModel, definition: string, path: string): number[] {
  const place: number[] = [];
  let schema: Schema | undefined = { ref: definition };
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[([^[\]]*)\]/g)) {
    const around: Schema = schema ?? {};
    const { properties, items, additionalProperties } = resolveSchema(model, around);
    place.push(name === undefined ? Number(index) : orderOf(around.ref).indexOf(name));
    schema = name === undefined ? items : (properties?.[name] ?? additionalProperties);
  }
  return place;
}

const orders = new Map<string, readonly string[]>();

function orderOf(definition = ""): readonly string[] {
  let order = orders.get(definition);
  if (!order) {
    const entries = GO_NAMES[definition]?.split(" ") ?? [];
    order = entries
      .map((entry) => /^(?:\.\.\.)?(\w+)(?:=(\w+))?/.exec(entry))
      .map((found) => found?.[2] ?? found?.[1] ?? "");
    orders.set(definition, order);
  }
  return order;
}
