// What a call costs once it has run. The prices are upstream's: budgets that hold there must hold here.

import type { Call } from "../syntax/ast.ts";
import { CelList, CelMap, type CelValue, Opaque, sizeOf } from "../values/values.ts";
import { SORTED_TYPES } from "./sorted-types.ts";

export type CallCost = (values: readonly CelValue[], result: CelValue) => number;

/** To walk over a string, per character. */
const TRAVERSAL = 0.1;
/** Of a regular expression, per character: about one state for four. */
const REGEX = 0.25;
/** So that an expression asks about authorization twice, not three times. */
const AUTHORIZATION_CHECK = 350_000;
const LIST_CREATION = 10;
const STRUCT_CREATION = 40;

const one: CallCost = () => 1;
const traversal: CallCost = ([value]) => walk(value);
const doubleTraversal: CallCost = ([value]) => Math.ceil(size(value) * 2 * TRAVERSAL);
const allItems: CallCost = ([value]) => traversalCost(value ?? null);
const regexSearch: CallCost = ([text, pattern]) =>
  Math.ceil((1 + size(text)) * TRAVERSAL) * Math.ceil(size(pattern) * REGEX);

/** By the function's name, whatever the overload. */
const BY_NAME: ReadonlyMap<string, CallCost> = new Map<string, CallCost>([
  ["check", () => AUTHORIZATION_CHECK],
  ...named(
    one,
    "serviceAccount path group resource subresource namespace name allowed reason error errored",
    "masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast",
    "sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch",
    "getScheme getHostname getHost getPort getEscapedPath getQuery format.named",
  ),
  ...named((values) => selectorCost(size(values[1])), "fieldSelector labelSelector"),
  ...named(allItems, "isSorted sum max min indexOf lastIndexOf"),
  ...named(traversal, "url lowerAscii upperAscii substring trim jsonpatch.escapeKey cidr isIP isCIDR"),
  ...named(traversal, "quantity isQuantity semver isSemver"),
  ...named(doubleTraversal, "replace split ip.isCanonical"),
  ["join", (_values, result) => Math.ceil(size(result) * 2 * TRAVERSAL)],
  ...named(regexSearch, "find findAll"),
  ["ip", (values) => (values[0] instanceof Opaque ? 1 : walk(values[0]))],
  ["containsIP", ([network, other]) => Math.ceil(2 * size(network) * TRAVERSAL) + walkText(other)],
  [
    "containsCIDR",
    ([network, other]) =>
      Math.ceil(2 * size(network) * TRAVERSAL) + Math.ceil(size(network) * TRAVERSAL) + 1 + walkText(other),
  ],
  ["validate", ([format, text]) => Math.ceil((1 + size(text)) * TRAVERSAL) * Math.ceil(patternSize(format) * REGEX)],
]);

function named(cost: CallCost, ...names: readonly string[]): [string, CallCost][] {
  return names
    .join(" ")
    .split(" ")
    .map((name) => [name, cost]);
}

/** By the overload that was found for the operands' types. */
const BY_OVERLOAD: ReadonlyMap<string, CallCost> = new Map<string, CallCost>([
  ...named(
    traversal,
    "starts_with_string ends_with_string string_to_bytes bytes_to_string strings_quote string_format",
  ),
  ["in_list", ([, list]) => size(list)],
  ...named(
    ([left, right]) => Math.ceil(Math.min(size(left), size(right)) * TRAVERSAL),
    "less_string less_equals_string greater_string greater_equals_string",
    "less_bytes less_equals_bytes greater_bytes greater_equals_bytes not_equals",
  ),
  ...named(([left, right]) => Math.ceil((size(left) + size(right)) * TRAVERSAL), "add_string add_bytes"),
  ["matches_string", regexSearch],
  ["contains_string", ([text, part]) => walk(text) * walk(part)],
  ...named((_values, result) => listCost(1, size(result)), "list_slice lists_range list_reverse"),
  ...named(([list, depth]) => listCost(Number(depth ?? 1), size(list)), "list_flatten list_flatten_int"),
  ...named(([a, b]) => 1 + size(a) * size(b), "list_sets_contains_list list_sets_intersects_list"),
  ["list_sets_equivalent_list", ([a, b]) => 1 + 2 * size(a) * size(b)],
  ["list_distinct", ([list]) => comparisonCost(list)],
  ...SORTED_TYPES.flatMap((name): [string, CallCost][] => [
    [`list_${name}_sort`, ([list]) => comparisonCost(list)],
    [`list_${name}_sortByAssociatedKeys`, ([, keys]) => comparisonCost(keys)],
  ]),
]);

export function costOfCall({ name, overloads = [] }: Call): CallCost {
  if (name === "_==_") return equalityCost;
  const byOverload = overloads.length === 1 ? BY_OVERLOAD.get(overloads[0]?.id ?? "") : undefined;
  if (name === "_!=_") return BY_OVERLOAD.get("not_equals") ?? one;
  return BY_NAME.get(name) ?? byOverload ?? one;
}

const equalityCost: CallCost = ([left, right]) => {
  if (left instanceof Opaque) return 1;
  return Math.ceil(Math.min(size(left), size(right)) * TRAVERSAL);
};

function size(value: CelValue | undefined): number {
  return value === undefined ? 1 : sizeOf(value);
}

function walk(value: CelValue | undefined): number {
  return Math.ceil(size(value) * TRAVERSAL);
}

/** An address given as text is read first. */
function walkText(value: CelValue | undefined): number {
  return typeof value === "string" ? walk(value) : 0;
}

function patternSize(format: CelValue | undefined): number {
  return format instanceof Opaque && "patternSize" in format ? Number(format.patternSize) : 0;
}

function selectorCost(length: number): number {
  const requirements = Math.ceil(length * 0.5);
  return LIST_CREATION + Math.ceil(length * TRAVERSAL) + Math.ceil(requirements * (LIST_CREATION + STRUCT_CREATION));
}

function listCost(factor: number, length: number): number {
  return Math.trunc(length * factor) + 1 + LIST_CREATION;
}

/** Every item with every other. */
function comparisonCost(list: CelValue | undefined): number {
  const length = size(list);
  if (!(list instanceof CelList) || length === 0) return listCost(2, 0);
  const first = list.at(0);
  const isText = typeof first === "string" || first instanceof Uint8Array;
  return listCost(isText ? 2 + TRAVERSAL : 2, length * length);
}

/** Of a whole tree of values; text by its bytes. */
function traversalCost(value: CelValue): number {
  if (typeof value === "string") return Math.trunc(new TextEncoder().encode(value).length * TRAVERSAL);
  if (value instanceof Uint8Array) return Math.trunc(value.length * TRAVERSAL);
  if (value instanceof CelList) {
    let cost = 0;
    for (const item of value) cost += traversalCost(item);
    return cost;
  }
  if (!(value instanceof CelMap)) return 1;
  let cost = 0;
  for (const key of value.keys()) cost += traversalCost(key) + traversalCost(value.get(key) ?? null);
  return cost;
}
