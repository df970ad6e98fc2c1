// Every field that an object speaks of: what somebody who applies it owns.

import { isRecord } from "@atoll/base/is-record";
import { groupItems, nameItems } from "./list-items.ts";
import { FieldSetBuilder, type FieldSet } from "./field-set.ts";
import type { PathElement } from "./path-element.ts";
import { elementOfField, handlerOf, type ListShape, type MapShape, type Shape, shapeOfField } from "./shape.ts";

export function collectFields(shape: Shape, value: unknown): FieldSet {
  const builder = new FieldSetBuilder();
  collect(shape, value, [], builder);
  return builder.build();
}

function collect(shape: Shape, value: unknown, path: PathElement[], set: FieldSetBuilder): void {
  const handler = handlerOf(shape, value);
  if (handler === "map" && shape.map) {
    if (shape.map.isAtomic) set.insert(path);
    else if (isRecord(value)) collectMap(shape.map, value, path, set);
  } else if (handler === "list" && shape.list) {
    if (shape.list.isAtomic) set.insert(path);
    else if (Array.isArray(value)) collectList(shape.list, value, path, set);
  } else {
    set.insert(path);
  }
}

function collectMap(shape: MapShape, map: Record<string, unknown>, path: PathElement[], set: FieldSetBuilder): void {
  for (const [name, value] of Object.entries(map)) {
    if (value === undefined) continue;
    path.push(elementOfField(shape, name));
    const field = shapeOfField(shape, name);
    if (field) collect(field, value, path, set);
    // A named field belongs to nobody by itself, only what is in it does; any other key of a map is something one can own.
    const isEmpty = value === null || (isRecord(value) && Object.keys(value).length === 0);
    if (isEmpty || !shape.fields.has(name)) set.insert(path);
    path.pop();
  }
}

function collectList(shape: ListShape, list: readonly unknown[], path: PathElement[], set: FieldSetBuilder): void {
  for (const [element, values] of groupItems(nameItems(shape, list))) {
    path.push(element);
    // Of an item that stands there twice only the item itself can be owned.
    if (values.length === 1) collect(shape.items, values[0], path, set);
    set.insert(path);
    path.pop();
  }
}
