// How the items of lists are told apart: by their keys, or by themselves in a set.

import { keyElement, type PathElement, valueElement } from "./path-element.ts";
import type { ListShape } from "./shape.ts";
import { TypedValueError } from "./typed-error.ts";

export interface ListItem {
  readonly element: PathElement;
  readonly value: unknown;
}

/** The items with their elements, in their order, repeated ones included. Throws TypedValueError for one without a name. */
export function nameItems(shape: ListShape, list: readonly unknown[]): ListItem[] {
  return list.map((value, index) => ({ element: nameItem(shape, value, index), value }));
}

/** Throws TypedValueError for one without a name. */
export function nameItem(shape: ListShape, value: unknown, index: number): PathElement {
  const element = shape.keys.length > 0 ? keyedElement(shape, value) : setElement(value);
  if (element instanceof Error) throw new TypedValueError([`element ${index}: ${element.message}`]);
  return element;
}

/** By element; more than one value where the list repeats an item. */
export function groupItems(items: readonly ListItem[]): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>();
  for (const { element, value } of items) {
    const group = groups.get(element);
    if (group) group.push(value);
    else groups.set(element, [value]);
  }
  return groups;
}

function keyedElement({ keys, items }: ListShape, value: unknown): PathElement | Error {
  if (value === null || value === undefined) {
    return new Error("associative list with keys may not have a null element");
  }
  if (typeof value !== "object" || Array.isArray(value)) {
    return new Error("associative list with keys may not have non-map elements");
  }
  const found: [string, unknown][] = [];
  for (const key of keys) {
    const own = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined; // an object that has the key
    const keyValue = own === undefined ? items.map?.fields.get(key)?.default : own;
    if (keyValue !== undefined) found.push([key, keyValue]);
  }
  if (found.length === 0) {
    const names = keys.map((key) => JSON.stringify(key)).join(" ");
    return new Error(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(found);
}

function setElement(value: unknown): PathElement | Error {
  if (value === null || value === undefined) {
    return new Error("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(value)) return new Error("not supported: associative list with lists as elements");
  if (typeof value === "object") {
    return new Error("associative list without keys has an element that's a map type");
  }
  return valueElement(value);
}
