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

/** An entry with the one before it; undefined columns cannot occur, null ones say there was none. */
export interface EventRow extends EntryRow {
  readonly previous_create_revision: number | null;
  readonly previous_version: number | null;
  readonly previous_lease: number | null;
  readonly previous_value: Uint8Array | null;
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

export function toEvent(row: EventRow): StoreEvent {
  const event = {
    key: row.key,
    revision: revisionOf(row.id),
    createRevision: row.create_revision,
    version: row.version,
    lease: row.lease,
    previous: previousOf(row),
  };
  return row.version === 0 ? { type: "delete", ...event } : { type: "put", value: row.value, ...event };
}

function previousOf(row: EventRow): KeyValue | undefined {
  const { previous_value, previous_create_revision, previous_version, previous_lease } = row;
  if (previous_value === null || previous_create_revision === null) return undefined;
  return {
    key: row.key,
    value: previous_value,
    createRevision: previous_create_revision,
    modRevision: revisionOf(row.previous),
    version: previous_version ?? 0,
    lease: previous_lease ?? 0,
  };
}
