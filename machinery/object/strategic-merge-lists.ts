// The lists of a strategic merge patch: merged by a key, merged as a set, and brought into an order.

import { canonicalText } from "@atoll/api/meta/repeats";
import { isRecord } from "@atoll/base/is-record";
import { isLongList } from "@atoll/base/steps";
import { ApiError } from "./api-error.ts";

type Json = Record<string, unknown>;

/** Stands in a long list where two items are still to be merged. */
export class LeftMerge {
  readonly before: Json;
  readonly after: Json;

  constructor(before: Json, after: Json) {
    this.before = before;
    this.after = after;
  }
}

/**
 * Items merge with the item of the same key; `$patch: delete` takes one out, `$patch: replace` all. What the patch names stands
 * in the patch's order, as upstream has it. Of long patches the items are left to be merged.
 */
export function mergeKeyedList(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  mergeItem: (before: Json, after: Json) => Json,
): unknown[] {
  const items = patch.map((item) => {
    if (!isRecord(item))
      throw new ApiError(
        "BadRequest",
        `invalid strategic merge patch: expected objects with key "${mergeKey}" in the list`,
      );
    return item;
  });
  const merge = isLongList(items) ? leaveMerge : keepingNull(mergeItem, mergeKey);
  const isReplaced = items.some((item) => item.$patch === "replace" && !(mergeKey in item));
  const merged: unknown[] = isReplaced ? [] : [...original];
  const places = placesOf(merged, (candidate) => (isRecord(candidate) ? candidate[mergeKey] : undefined));
  for (const item of items) {
    if (isReplaced && item.$patch === "replace") continue;
    if (!(mergeKey in item)) throw nameless(item, mergeKey);
    const text = canonicalText(item[mergeKey]);
    const index = places.get(text);
    const before = index === undefined ? undefined : merged[index];
    if (item.$patch === "delete") {
      if (index !== undefined) merged[index] = GONE;
      places.delete(text);
    } else if (index === undefined) {
      places.set(text, merged.length);
      // Merging into nothing removes the directives and nulls of a new item.
      merged.push(merge({}, item));
    } else if (before instanceof LeftMerge) {
      merged[index] = new LeftMerge(mergeItem(before.before, before.after), item);
    } else if (isRecord(before)) {
      merged[index] = merge(before, item);
    }
  }
  const named = items.filter((item) => item.$patch === undefined || item.$patch === "merge");
  const left = merged.filter((item) => item !== GONE);
  // As upstream, which could not say where it belongs; a list that is replaced has none.
  const unnamed = left.find((item) => isRecord(item) && !(item instanceof LeftMerge) && !(mergeKey in item));
  if (unnamed !== undefined) throw nameless(unnamed, mergeKey);
  return orderList(left, named, original, mergeKey);
}

/** A key that a patch says to be null is there, as upstream has it: the item is refused by its kind's rules, if at all. */
function keepingNull(mergeItem: (before: Json, after: Json) => Json, mergeKey: string): typeof mergeItem {
  return (before, after) => {
    const merged = mergeItem(before, after);
    return after[mergeKey] === null ? { ...merged, [mergeKey]: null } : merged;
  };
}

/** Undirected, its key is the patch's. */
function leaveMerge(before: Json, after: Json): LeftMerge {
  return new LeftMerge(before, after);
}

function nameless(item: unknown, mergeKey: string): ApiError {
  const text = `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`;
  return new ApiError("BadRequest", `invalid strategic merge patch: ${text}`);
}

/** Every value once, those of the patch in its order. */
export function mergeSet(original: readonly unknown[], patch: readonly unknown[]): unknown[] {
  return orderList([...new Set([...original, ...patch])], patch, original, undefined);
}

/**
 * Puts the items that `order` names into that order. Items it does not name (the server has them, the client did not know)
 * stay before the first named item that they stood before.
 */
export function orderList(
  list: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const identityOf = (item: unknown) => {
    if (mergeKey === undefined || !isRecord(item)) return item;
    return item instanceof LeftMerge ? item.after[mergeKey] : item[mergeKey];
  };
  const [inOrder, inBefore] = [placesOf(order, identityOf), placesOf(before, identityOf)];
  const placed = list.map((item) => {
    const text = canonicalText(identityOf(item));
    return { item, wanted: inOrder.get(text), place: inBefore.get(text) };
  });
  const named = placed.filter(({ wanted }) => wanted !== undefined);
  named.sort((a, b) => (a.wanted ?? 0) - (b.wanted ?? 0));
  const others = placed.filter(({ wanted }) => wanted === undefined);
  const result: unknown[] = [];
  let next = 0;
  for (const { item, place } of named) {
    for (let other = others[next]; other !== undefined && place !== undefined; other = others[next]) {
      if (other.place === undefined || other.place > place) break;
      result.push(other.item);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next).map(({ item }) => item)];
}

/** Stands where an item was, so that the others keep their places. */
const GONE = Symbol("gone");

/** Of equal ones the first counts. */
function placesOf(items: readonly unknown[], identityOf: (item: unknown) => unknown): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, item] of items.entries()) {
    const text = canonicalText(identityOf(item));
    if (!places.has(text)) places.set(text, place);
  }
  return places;
}
