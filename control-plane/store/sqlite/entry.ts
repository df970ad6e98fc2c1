// How one write is kept: a row of the table `entry`. Its id holds the revision and the place in the transaction, so that
// the table is the store's history in order, and `previous` leads to what the key was before.

import type { KeyValue, StoreEvent } from "../store.ts";
import { TRANSACTION_OPERATIONS_MAX } from "../store.ts";

/** Id of no entry: revisions start at 1. */
export const NO_ENTRY = 0;

export interface EntryRow {
  readonly id: number;
  readonly key: string;
  /** `NO_ENTRY`: the key did not exist. */
  readonly previous: number;
  readonly create_revision: number;
  /** 0: this write deleted the key. */
  readonly version: number;
  readonly lease: number;
  readonly value: Uint8Array;
}

/** The id of the first write of a revision; the last one has `firstEntryId(revision + 1) - 1`. */
export function firstEntryId(revision: number): number {
  return revision * TRANSACTION_OPERATIONS_MAX;
}

export function revisionOf(entryId: number): number {
  return Math.floor(entryId / TRANSACTION_OPERATIONS_MAX);
}

export function toKeyValue(row: EntryRow): KeyValue {
  return {
    key: row.key,
    value: row.value,
    createRevision: row.create_revision,
    modRevision: revisionOf(row.id),
    version: row.version,
    lease: row.lease,
  };
}

export function toEvent(row: EntryRow): StoreEvent {
  const event = {
    key: row.key,
    revision: revisionOf(row.id),
    createRevision: row.create_revision,
    version: row.version,
    lease: row.lease,
  };
  return row.version === 0 ? { type: "delete", ...event } : { type: "put", value: row.value, ...event };
}
