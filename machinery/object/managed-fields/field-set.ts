// A set of fields, kept as the very JSON that `fieldsV1` is: an object from path elements to what is below them, where "." or
// nothing at all below says that the field itself belongs to the set. So a stored set needs no decoding, parts that do not
// change are shared, and an unchanged set is written as it was read. Sets are never changed in place.

import { isLongList, type LeftLists } from "@atoll/base/steps";
import { canonicalElement, type PathElement, sortElements } from "./path-element.ts";

export interface FieldSet {
  readonly [element: PathElement]: FieldSet;
}

export const EMPTY_SET: FieldSet = Object.freeze({});

const SELF = ".";
const LEAF: FieldSet = EMPTY_SET;

/** Deeper than any object may nest; a set from a client is refused beyond. */
const DEPTH_MAX = 256;

export function isEmptySet(set: FieldSet): boolean {
  for (const _element in set) return false;
  return true;
}

export function unionOf(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left)) return right;
  return combine(left, right, "union", true) ?? EMPTY_SET;
}

/** Fields in both. A parent and its child are different fields. */
export function intersectionOf(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, "intersection", true) ?? EMPTY_SET;
}

/** Fields of the first that are not in the second; the very first set where that takes nothing away. */
export function differenceOf(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, "difference", true) ?? EMPTY_SET;
}

/** As `differenceOf`, and what is below a field that is taken away goes too. */
export function withoutSubtrees(set: FieldSet, roots: FieldSet): FieldSet {
  const kept: [PathElement, FieldSet][] = [];
  for (const element of elementsOf(set)) {
    const below = set[element] ?? LEAF;
    const root = childOf(roots, element);
    if (root === undefined) kept.push([element, below]);
    else if (!isSelf(root)) {
      const rest = makeNode(isSelf(below), Object.entries(withoutSubtrees(below, root)));
      if (rest !== undefined) kept.push([element, rest]);
    }
  }
  return Object.fromEntries(kept);
}

export function hasPath(set: FieldSet, path: readonly PathElement[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = childOf(node, element);
    if (node === undefined) return false;
  }
  return path.length > 0 && isSelf(node);
}

/** What is below an element; undefined where the set holds nothing there. */
export function childOf(set: FieldSet, element: PathElement): FieldSet | undefined {
  return Object.hasOwn(set, element) ? set[element] : undefined;
}

/** Whether the field that a node stands for is itself in the set. Not to be asked of a whole set. */
export function isSelf(node: FieldSet): boolean {
  return Object.hasOwn(node, SELF) || isEmptySet(node);
}

/** Elements below a node, without the mark of the node itself. */
export function elementsOf(node: FieldSet): PathElement[] {
  return Object.keys(node).filter((element) => element !== SELF);
}

/** Every field of the set, parents before children, each level's own fields before what is below them. */
export function listPaths(set: FieldSet, prefix: readonly PathElement[] = []): PathElement[][] {
  const elements = sortElements(elementsOf(set));
  const own = elements.filter((element) => isSelf(set[element] ?? LEAF)).map((element) => [...prefix, element]);
  const below = elements.flatMap((element) => listPaths(set[element] ?? LEAF, [...prefix, element]));
  return [...own, ...below];
}

export function setOf(paths: readonly (readonly PathElement[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder.build();
}

/** The node of a field that is itself in the set, to put what is below it into; see `isSelf`. */
export function memberNode(): Record<PathElement, FieldSet> {
  return { [SELF]: LEAF };
}

/** A node from its parts; undefined where it would say nothing. */
export function makeNode(isMember: boolean, below: readonly [PathElement, FieldSet][]): FieldSet | undefined {
  if (below.length === 0) return isMember ? LEAF : undefined;
  return Object.fromEntries(isMember ? [[SELF, LEAF], ...below] : below);
}

/** With elements in the order that upstream writes; the same set where they already are. Those of a long node are left. */
export function sortSet(set: FieldSet, left: LeftLists): FieldSet {
  const before = Object.keys(set);
  if (before.length === 0) return set;
  const elements = sortElements(before);
  if (isLongList(elements)) {
    const long: Record<PathElement, FieldSet> = {};
    left.forEach(elements, (element) => {
      long[element] = sortSet(set[element] ?? LEAF, left);
    });
    return long;
  }
  const below = elements.map((element) => sortSet(set[element] ?? LEAF, left));
  if (elements === before && elements.every((element, index) => set[element] === below[index])) return set;
  const sorted: Record<PathElement, FieldSet> = {};
  for (const [index, element] of elements.entries()) sorted[element] = below[index] ?? LEAF;
  return sorted;
}

/** Reads `fieldsV1` as a client sent it. Throws SyntaxError for what is no set; elements of unknown kinds are left out. */
export function readFieldSet(json: unknown, depth = 0): FieldSet {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new SyntaxError("a set must be an object");
  if (depth > DEPTH_MAX) throw new SyntaxError(`a set must not nest deeper than ${DEPTH_MAX} levels`);
  let read: FieldSet = EMPTY_SET;
  const entries: [PathElement, FieldSet][] = [];
  let isMember = false;
  for (const [text, below] of Object.entries(json)) {
    if (text === SELF) {
      isMember = depth > 0;
      continue;
    }
    const element = canonicalElement(text);
    if (element !== undefined) entries.push([element, readFieldSet(below, depth + 1)]);
  }
  // Two texts may name one element.
  const isPlain = new Set(entries.map(([element]) => element)).size === entries.length;
  if (isPlain) return makeNode(isMember, entries) ?? EMPTY_SET;
  for (const [element, below] of entries) read = unionOf(read, { [element]: below });
  return makeNode(isMember, Object.entries(read)) ?? EMPTY_SET;
}

type Operation = "union" | "intersection" | "difference";

/** Undefined stands for a node that is not there, also as the result. A root is no field, so it is never a member. */
function combine(
  left: FieldSet | undefined,
  right: FieldSet | undefined,
  operation: Operation,
  isRoot = false,
): FieldSet | undefined {
  if (left === undefined) return operation === "union" ? right : undefined;
  if (right === undefined) return operation === "intersection" ? undefined : left;
  const isLeftMember = !isRoot && isSelf(left);
  const isMember = combineMembership(isLeftMember, !isRoot && isSelf(right), operation);
  const below: [PathElement, FieldSet][] = [];
  let isLeft = isMember === isLeftMember;
  for (const element of Object.keys(left)) {
    if (element === SELF) continue;
    const before = left[element];
    const after = combine(before, childOf(right, element), operation);
    isLeft &&= after === before;
    if (after !== undefined) below.push([element, after]);
  }
  if (operation === "union") {
    for (const element of Object.keys(right)) {
      const added = right[element];
      if (element === SELF || added === undefined || Object.hasOwn(left, element)) continue;
      isLeft = false;
      below.push([element, added]);
    }
  }
  return isLeft ? left : makeNode(isMember, below);
}

function combineMembership(isInLeft: boolean, isInRight: boolean, operation: Operation): boolean {
  switch (operation) {
    case "union":
      return isInLeft || isInRight;
    case "intersection":
      return isInLeft && isInRight;
    case "difference":
      return isInLeft && !isInRight;
  }
}

/** A set that nobody else has seen yet. */
interface MutableSet {
  [element: PathElement]: MutableSet;
}

/** Gathers single fields into a set. */
export class FieldSetBuilder {
  readonly #root: MutableSet = {};
  /** Fields with nothing below them yet. To look whether a node is empty takes as long as it is large. */
  readonly #leaves = new Set<MutableSet>();

  /** The whole object is no field: an empty path is ignored. */
  insert(path: readonly PathElement[]): void {
    if (path.length === 0) return;
    let node = this.#root;
    let isNew = false;
    for (const element of path) {
      const next: MutableSet | undefined = node[element];
      isNew = next === undefined;
      if (next) {
        node = next;
        continue;
      }
      // With nothing below it a node is a field, which has to be said as soon as something stands there.
      if (this.#leaves.delete(node)) node[SELF] = {};
      node = node[element] = {};
    }
    if (isNew) this.#leaves.add(node);
    else if (!this.#leaves.has(node)) node[SELF] = {};
  }

  /** A field with all that is below it, made elsewhere. Nothing of it may be in the set yet, and nothing may be added later. */
  insertTree(path: readonly PathElement[], tree: FieldSet): void {
    const last = path.at(-1);
    if (last === undefined) {
      for (const element of elementsOf(tree)) this.#root[element] = tree[element] ?? {};
      return;
    }
    let node = this.#root;
    for (const element of path.slice(0, -1)) {
      if (this.#leaves.delete(node)) node[SELF] = {};
      node = node[element] ??= {};
    }
    if (this.#leaves.delete(node)) node[SELF] = {};
    node[last] = tree;
  }

  /** To be called once, when everything is in it. */
  build(): FieldSet {
    return this.#root;
  }
}
