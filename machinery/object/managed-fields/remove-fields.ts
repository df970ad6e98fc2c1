// Takes fields out of an object, and says which named fields stand above the fields of a set.

import { isRecord } from "@atoll/base/is-record";
import { childOf, elementsOf, type FieldSet, isSelf, makeNode } from "./field-set.ts";
import { nameItems } from "./list-items.ts";
import { fieldElement } from "./path-element.ts";
import { handlerOf, type ListShape, type MapShape, type Shape, shapeOfField } from "./shape.ts";

/** A new value without the fields and items of the set. A container that becomes empty stays, empty. */
export function removeFields(shape: Shape, value: unknown, removed: FieldSet): unknown {
  const handler = handlerOf(shape, value);
  if (handler === "map" && shape.map) {
    return isRecord(value) && !shape.map.isAtomic ? removeFromMap(shape.map, value, removed) : emptyOf(value);
  }
  if (handler === "list" && shape.list) {
    return Array.isArray(value) && !shape.list.isAtomic ? removeFromList(shape.list, value, removed) : emptyOf(value);
  }
  return value;
}

function removeFromMap(shape: MapShape, map: Record<string, unknown>, removed: FieldSet): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [name, value] of Object.entries(map)) {
    const node = childOf(removed, fieldElement(name));
    if (node === undefined) kept.push([name, value]);
    else if (!isSelf(node)) {
      const field = shapeOfField(shape, name);
      kept.push([name, field ? removeFields(field, value, node) : value]);
    }
  }
  return Object.fromEntries(kept);
}

function removeFromList(shape: ListShape, list: readonly unknown[], removed: FieldSet): unknown[] {
  return nameItems(shape, list).flatMap(({ element, value }) => {
    const node = childOf(removed, element);
    if (node === undefined) return [value];
    return isSelf(node) ? [] : [removeFields(shape.items, value, node)];
  });
}

/** What is owned as a whole has no part that could go alone. */
function emptyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return isRecord(value) ? {} : null;
}

/** The set with every declared field that has a member below it; keys of maps and items of lists are not added. */
export function withNamedParents(shape: Shape | undefined, set: FieldSet): FieldSet {
  const below = elementsOf(set).map((element): [string, FieldSet] => {
    const node = set[element] ?? {};
    const isField = element.startsWith("f:");
    const name = element.slice(2);
    const childShape = isField
      ? shape?.map && shapeOfField(shape.map, name)
      : element.startsWith("k:")
        ? shape?.list?.items
        : undefined;
    const isNamed = isField && shape?.map?.fields.has(name) === true;
    const rest = Object.entries(withNamedParents(childShape, node));
    return [element, makeNode(isSelf(node) || isNamed, rest) ?? {}];
  });
  return Object.fromEntries(below);
}
