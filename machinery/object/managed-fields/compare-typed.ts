// Which fields differ between two objects of one schema.

import { isUnlikeStored } from "@atoll/api/meta/unlike-stored";
import { isRecord } from "@atoll/base/is-record";
import { doAtOnce, LeftLists } from "@atoll/base/steps";
import { isDeepEqual } from "../deep-equal.ts";
import { EMPTY_SET, FieldSetBuilder, type FieldSet, memberNode } from "./field-set.ts";
import { groupItems, nameItem, nameItems } from "./list-items.ts";
import type { PathElement } from "./path-element.ts";
import {
  elementOfField,
  type Handler,
  handlerOf,
  type ListShape,
  type MapShape,
  type Shape,
  shapeOfField,
} from "./shape.ts";

export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

/** Undefined stands for an object that is not there. Throws TypedValueError for lists whose items cannot be told apart. */
export function compareTyped(shape: Shape, left: unknown, right: unknown): Comparison {
  return doAtOnce(compareInSteps(shape, left, right));
}

/** Pauses between the items of long lists. */
export function* compareInSteps(shape: Shape, left: unknown, right: unknown): Generator<void, Comparison> {
  const comparer = new Comparer();
  comparer.compare(shape, left, right);
  yield* comparer.left.finish();
  return { removed: comparer.removed.build(), modified: comparer.modified.build(), added: comparer.added.build() };
}

class Comparer {
  readonly removed = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly added = new FieldSetBuilder();
  readonly left = new LeftLists();
  #path: PathElement[] = [];

  compare(shape: Shape, left: unknown, right: unknown): void {
    if (left === right) return;
    if (left === undefined) this.added.insertTree(this.#path, treeOf(shape, right, this.left));
    else if (right === undefined) this.removed.insertTree(this.#path, treeOf(shape, left, this.left));
    else this.#compareBoth(shape, left, right);
  }

  #compareBoth(shape: Shape, left: unknown, right: unknown): void {
    const asLeft = handlerOf(shape, left);
    const asRight = handlerOf(shape, right);
    if (asLeft !== asRight) this.#compareAs(asLeft, shape, left, right);
    this.#compareAs(asRight, shape, left, right);
  }

  #compareAs(handler: Handler, { map, list }: Shape, left: unknown, right: unknown): void {
    if (handler === "map" && map) {
      const leftMap = isRecord(left) ? left : undefined;
      const rightMap = isRecord(right) ? right : undefined;
      if (!map.isAtomic && (hasKeys(leftMap) || hasKeys(rightMap))) {
        this.#compareMaps(map, leftMap, rightMap, { left, right });
        return;
      }
    } else if (handler === "list" && list) {
      const leftList = Array.isArray(left) ? left : [];
      const rightList = Array.isArray(right) ? right : [];
      if (!list.isAtomic && leftList.length + rightList.length > 0) {
        this.#compareLists(list, leftList, rightList);
        return;
      }
    }
    if (isUnlikeStored(right) || !isDeepEqual(left, right)) this.modified.insert(this.#path);
  }

  #compareMaps(
    shape: MapShape,
    left: Record<string, unknown> | undefined,
    right: Record<string, unknown> | undefined,
    whole: { readonly left: unknown; readonly right: unknown },
  ): void {
    for (const name in left) {
      if (Object.hasOwn(left, name)) this.#compareField(shape, name, left[name], ownField(right, name), whole);
    }
    for (const name in right) {
      if (!Object.hasOwn(right, name) || (left && Object.hasOwn(left, name))) continue;
      this.#compareField(shape, name, undefined, right[name], whole);
    }
    for (const [name] of shape.zeros) {
      const isSeen = (left && Object.hasOwn(left, name)) || (right && Object.hasOwn(right, name));
      if (!isSeen) this.#compareField(shape, name, undefined, undefined, whole);
    }
  }

  #compareField(
    shape: MapShape,
    name: string,
    left: unknown,
    right: unknown,
    whole: { readonly left: unknown; readonly right: unknown },
  ): void {
    const zero = shape.zeros.get(name);
    const leftValue = left === undefined && isRecord(whole.left) ? zero : left;
    const rightValue = right === undefined && isRecord(whole.right) ? zero : right;
    const field = shapeOfField(shape, name);
    if (!field || leftValue === rightValue) return;
    this.#path.push(elementOfField(shape, name));
    this.compare(field, leftValue, rightValue);
    this.#path.pop();
  }

  #compareLists(shape: ListShape, left: readonly unknown[], right: readonly unknown[]): void {
    // Most lists of most updates stay as they are, and naming items costs more than comparing them.
    if (!isUnlikeStored(right) && isDeepEqual(left, right)) return;
    if (left.length === 0) {
      this.added.insertTree(this.#path, fillTree({}, shape, right, this.left));
      return;
    }
    if (right.length === 0) {
      this.removed.insertTree(this.#path, fillTree({}, shape, left, this.left));
      return;
    }
    const leftGroups = groupItems(nameItems(shape, left));
    const rightGroups = groupItems(nameItems(shape, right));
    const path = this.#path;
    const place = [...path];
    this.left.forEach([...new Set([...leftGroups.keys(), ...rightGroups.keys()])], (element) => {
      this.#path = [...place, element];
      this.#compareItems(shape, leftGroups.get(element) ?? [], rightGroups.get(element) ?? []);
    });
    this.#path = path;
  }

  #compareItems(shape: ListShape, left: readonly unknown[], right: readonly unknown[]): void {
    const isRepeatedLeft = left.length > 1;
    const isRepeatedRight = right.length > 1;
    if (isRepeatedLeft && isRepeatedRight) {
      if (!isDeepEqual(left, right)) this.modified.insert(this.#path);
    } else if (isRepeatedLeft) {
      if (right.length > 0) this.compare(shape.items, undefined, right[0]);
      this.removed.insert(this.#path);
    } else if (isRepeatedRight) {
      if (left.length > 0) this.compare(shape.items, left[0], undefined);
      this.added.insert(this.#path);
    } else {
      this.compare(shape.items, left[0], right[0]);
    }
  }
}

/**
 * The field of a value that stands on one side only, with all that it has below it. Made from the leaves up: to put a hundred
 * thousand fields into a set one by one, each from the root, takes several times as long.
 */
function treeOf(shape: Shape, value: unknown, left: LeftLists): FieldSet {
  const handler = handlerOf(shape, value);
  const { map, list } = shape;
  if (handler === "map" && map && !map.isAtomic && isRecord(value) && (hasKeys(value) || map.zeros.size > 0))
    return treeOfMap(map, value, left);
  if (handler === "list" && list && !list.isAtomic && Array.isArray(value) && value.length > 0) {
    return fillTree(memberNode(), list, value, left);
  }
  return EMPTY_SET;
}

function treeOfMap(shape: MapShape, map: Record<string, unknown>, left: LeftLists): FieldSet {
  const tree = memberNode();
  let isLeaf = true;
  const put = (name: string, field: Shape, value: unknown) => {
    isLeaf = false;
    tree[elementOfField(shape, name)] = treeOf(field, value, left);
  };
  for (const name of Object.keys(map)) {
    const field = shapeOfField(shape, name);
    const value = map[name] === undefined ? shape.zeros.get(name) : map[name];
    if (field && value !== undefined) put(name, field, value);
  }
  for (const [name, zero] of shape.zeros) {
    const field = Object.hasOwn(map, name) || zero === undefined ? undefined : shapeOfField(shape, name);
    if (field) put(name, field, zero);
  }
  return isLeaf ? EMPTY_SET : tree;
}

/** With the items of a list, each by itself where it is there once. */
function fillTree(
  tree: Record<PathElement, FieldSet>,
  shape: ListShape,
  list: readonly unknown[],
  left: LeftLists,
): FieldSet {
  left.forEach(list, (value, index) => {
    const element = nameItem(shape, value, index);
    tree[element] = Object.hasOwn(tree, element) ? EMPTY_SET : treeOf(shape.items, value, left);
  });
  return tree;
}

function ownField(map: Record<string, unknown> | undefined, name: string): unknown {
  return map && Object.hasOwn(map, name) ? map[name] : undefined;
}

function hasKeys(map: Record<string, unknown> | undefined): boolean {
  for (const _name in map) return true;
  return false;
}
