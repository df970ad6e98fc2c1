// Lays an applied configuration over an object: what the configuration says wins, what it does not say stays. Nothing is
// removed here.

import { isRecord } from "@atoll/base/is-record";
import { groupItems, type ListItem, nameItems } from "./list-items.ts";
import { type Handler, handlerOf, type ListShape, type MapShape, type Shape, shapeOfField } from "./shape.ts";

/** Undefined stands for what is not there. A new value that may share parts of both; neither is changed. */
export function mergeTyped(shape: Shape, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  return mergeAs(handlerOf(shape, applied), shape, live, applied);
}

function mergeAs(handler: Handler, { map, list }: Shape, live: unknown, applied: unknown): unknown {
  if (handler === "map" && map && !map.isAtomic) {
    const liveMap = isRecord(live) ? live : {};
    const appliedMap = isRecord(applied) ? applied : {};
    // Two empty ones are one thing: null, {} and nothing at all are not the same to the one who applies.
    if (Object.keys(liveMap).length + Object.keys(appliedMap).length > 0) return mergeMaps(map, liveMap, appliedMap);
  } else if (handler === "list" && list && !list.isAtomic) {
    const liveList = Array.isArray(live) ? live : [];
    const appliedList = Array.isArray(applied) ? applied : [];
    if (liveList.length + appliedList.length > 0) return mergeLists(list, liveList, appliedList);
  }
  return applied;
}

function mergeMaps(
  shape: MapShape,
  live: Record<string, unknown>,
  applied: Record<string, unknown>,
): Record<string, unknown> {
  const merged = new Map(Object.entries(live));
  for (const [name, value] of Object.entries(applied)) {
    const field = shapeOfField(shape, name);
    if (value !== undefined) merged.set(name, field ? mergeTyped(field, merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}

/**
 * Items of both stand in the order of the applied list; those that only the live list has keep their place between them as
 * well as they can: before the next item of the applied list that they stood before.
 */
function mergeLists(shape: ListShape, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const liveItems = nameItems(shape, live);
  const appliedItems = nameItems(shape, applied);
  const liveByElement = groupItems(liveItems);
  const appliedElements = new Set(appliedItems.map(({ element }) => element));
  const shared = appliedItems.filter(({ element }) => liveByElement.has(element)).map(({ element }) => element);
  const merged: unknown[] = [];
  const done = new Set<string>();
  let sharedIndex = 0;
  const takeApplied = ({ element, value }: ListItem): void => {
    const before = liveByElement.get(element);
    // A repeated item of the live list has no one value to merge with.
    merged.push(mergeTyped(shape.items, before && before.length > 1 ? null : before?.[0], value));
    done.add(element);
  };
  let liveIndex = 0;
  let appliedIndex = 0;
  while (liveIndex < liveItems.length || appliedIndex < appliedItems.length) {
    const liveItem = liveItems[liveIndex];
    const appliedItem = appliedItems[appliedIndex];
    if (liveItem && !appliedElements.has(liveItem.element)) {
      merged.push(liveItem.value);
      liveIndex++;
    } else if (liveItem && appliedItem && liveItem.element === appliedItem.element) {
      takeApplied(appliedItem);
      liveIndex++;
      appliedIndex++;
      sharedIndex++;
    } else if (
      liveItem &&
      appliedItem &&
      shared[sharedIndex] !== undefined &&
      shared[sharedIndex] !== liveItem.element
    ) {
      // It stands elsewhere in the applied list, and is taken from there.
      liveIndex++;
    } else {
      if (liveItem && done.has(liveItem.element)) liveIndex++;
      if (appliedItem) {
        takeApplied(appliedItem);
        appliedIndex++;
        if (shared[sharedIndex] === appliedItem.element) sharedIndex++;
      }
    }
  }
  return merged;
}
