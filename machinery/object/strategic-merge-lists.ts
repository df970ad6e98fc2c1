// The lists of a strategic merge patch: merged by a key, merged as a set, and brought into an order.

import { isEqualJson } from "@atoll/api/meta/field-error";
import { ApiError } from "./api-error.ts";

type Json = Record<string, unknown>;

/**
 * Items merge with the item of the same key; `$patch: delete` takes one out, `$patch: replace` all. What the patch names stands
 * in the patch's order, as upstream has it.
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
  const isReplaced = items.some((item) => item.$patch === "replace" && !(mergeKey in item));
  const merged: unknown[] = isReplaced ? [] : [...original];
  for (const item of items) {
    if (isReplaced && item.$patch === "replace") continue;
    const key = item[mergeKey];
    if (key === undefined || key === null) {
      throw new ApiError(
        "BadRequest",
        `invalid strategic merge patch: map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    const index = merged.findIndex((candidate) => isRecord(candidate) && isEqualJson(candidate[mergeKey], key));
    if (item.$patch === "delete") {
      if (index !== -1) merged.splice(index, 1);
      continue;
    }
    const before = merged[index];
    // Merging into nothing removes the directives and nulls of a new item.
    if (index === -1) merged.push(mergeItem({}, item));
    else if (isRecord(before)) merged[index] = mergeItem(before, item);
  }
  const named = items.filter((item) => item.$patch === undefined || item.$patch === "merge");
  return orderList(merged, named, original, mergeKey);
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
  const identityOf = (item: unknown) => (mergeKey !== undefined && isRecord(item) ? item[mergeKey] : item);
  const positionIn = (candidates: readonly unknown[], item: unknown) =>
    candidates.findIndex((candidate) => isEqualJson(identityOf(candidate), identityOf(item)));
  const named = list
    .filter((item) => positionIn(order, item) !== -1)
    .sort((a, b) => positionIn(order, a) - positionIn(order, b));
  const others = list.filter((item) => positionIn(order, item) === -1);
  const result: unknown[] = [];
  for (const item of named) {
    const place = positionIn(before, item);
    while (others.length > 0 && place !== -1) {
      const otherPlace = positionIn(before, others[0]);
      if (otherPlace === -1 || otherPlace > place) break;
      result.push(others.shift());
    }
    result.push(item);
  }
  return [...result, ...others];
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
