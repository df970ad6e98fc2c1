// Short ways to write to a store and to read from it, for tests.

import {
  type KeyRange,
  prefixEnd,
  type Store,
  type StoreEvent,
  type WatchBatch,
  type WriteOperation,
} from "../store.ts";

export const EVERYTHING: KeyRange = { start: "", end: prefixEnd("") };

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function put(key: string, value = "value", lease = 0): WriteOperation {
  return { type: "put", key, value: encode(value), lease };
}

export function remove(key: string): WriteOperation {
  return { type: "delete", key };
}

/** Writes without conditions and returns the revision. */
export async function write(store: Store, ...writes: WriteOperation[]): Promise<number> {
  const result = await store.transact({ compares: [], writes });
  return result.revision;
}

/** Reads a watch until it has reached a revision. */
export async function readUntil(watch: AsyncIterable<WatchBatch>, revision: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  for await (const batch of watch) {
    events.push(...batch.events);
    if (batch.revision >= revision) break;
  }
  return events;
}

/** `put a=1 @2` for each event. */
export function describeEvents(events: readonly StoreEvent[]): string[] {
  return events.map(({ type, key, value, revision }) => {
    return `${type} ${key}${value ? `=${new TextDecoder().decode(value)}` : ""} @${revision}`;
  });
}

export async function get(store: Store, key: string, revision?: number) {
  const { items } = await store.range({ start: key }, revision === undefined ? {} : { revision });
  return items[0];
}

export function prefix(start: string): KeyRange {
  return { start, end: prefixEnd(start) };
}

export function neverAborts(): AbortSignal {
  return new AbortController().signal;
}
