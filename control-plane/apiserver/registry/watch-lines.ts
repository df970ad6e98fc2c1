// What events are to one watcher, as frames.

import type { WatchEventType } from "@atoll/api/meta/types";
import type { FrameMaker } from "../output/watch-frames.ts";
import type { ObjectEvent, ObjectEventBatch, ResourceStore } from "./resource-store.ts";
import { mayMatch, type Selection } from "./selection.ts";
import type { StoredObject } from "./stored-object.ts";

export function batchLines(
  batch: ObjectEventBatch,
  selection: Selection,
  frames: FrameMaker,
  store: ResourceStore,
): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (const event of batch.events) {
    const seen = seenBy(event, selection, store);
    if (seen) lines.push(frames.event(seen.type, seen.stored, event));
  }
  return lines;
}

/** What an event is to somebody who sees only what the selection matches: an object may come into view and leave it. */
function seenBy(
  event: ObjectEvent,
  selection: Selection,
  store: ResourceStore,
): { readonly type: WatchEventType; readonly stored: StoredObject } | undefined {
  const { type, item, previous } = event;
  const isSeen = (stored: StoredObject) =>
    selection.isEverything || (mayMatch(selection, stored.key) && selection.matches(stored.object));
  const isIn = type === "put" && isSeen(item.decoded);
  const wasIn = previous !== undefined && isSeen(previous.decoded);
  if (isIn) return { type: wasIn ? "MODIFIED" : "ADDED", stored: item.decoded };
  if (!wasIn) return undefined;
  // The cache shows a deleted object with the deletion's version; one that only left the view has to be stamped here.
  return { type: "DELETED", stored: type === "delete" ? item.decoded : lastState(event, previous.decoded, store) };
}

const lastStates = new WeakMap<ObjectEvent, StoredObject>();

/** The state before the event, with the event's version, as DELETED shows it; made once per event. */
function lastState(event: ObjectEvent, previous: StoredObject, store: ResourceStore): StoredObject {
  let state = lastStates.get(event);
  if (!state) {
    state = store.codec.restamp(previous, event.revision);
    lastStates.set(event, state);
  }
  return state;
}
