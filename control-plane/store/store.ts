// The one interface between the API server and whatever keeps its data, with etcd's meaning (v3 API): one counter of
// revisions for the whole store, every write at its own revision, reads and watches at any revision not yet compacted.
// Makers: `memory/` (tests), `sqlite/` (default), `etcd/`. All pass `suite/store-suite.ts`.
//
// An acknowledged write is durable (the memory maker excepted): when the promise resolves, a kill -9 or power loss cannot
// take it back. Keys are strings ordered by their UTF-8 bytes; values are opaque bytes.

import { CodedError } from "@atoll/base/errors";
import type { Eventual } from "@atoll/base/eventual";

export type StoreErrorCode =
  /** The revision asked for is older than the compacted one. */
  | "Compacted"
  /** The revision asked for has not happened yet. */
  | "FutureRevision"
  /** The lease does not exist or has expired. */
  | "LeaseNotFound"
  /** More operations or bytes than a transaction may have. */
  | "TooLarge"
  /** The caller's mistake: a malformed key or revision, or one key written twice in a transaction. */
  | "Invalid"
  /** Out of space, out of queue, or the medium failed: nothing of the transaction was written. */
  | "Unavailable"
  /** The connection broke before the answer: the transaction was written, or was not, or still will be. */
  | "Undecided"
  /** Another process has the store open. */
  | "Locked"
  /** The files are not a store, or one of another format version. */
  | "WrongFormat"
  | "Closed";

export class StoreError extends CodedError<StoreErrorCode> {}

/** One transaction holds at most this many operations (etcd's default). */
export const TRANSACTION_OPERATIONS_MAX = 128;

/** One value holds at most this many bytes (etcd's default request limit of 1.5 MiB). */
export const VALUE_BYTES_MAX = 1_572_864;

/** All values of one transaction together; a group of transactions has to fit in memory several times over. */
export const TRANSACTION_BYTES_MAX = 8 * 1024 * 1024;

/** Bytes of a key in UTF-8. Kubernetes' longest (group, namespace and name at their limits) stay below 1 KiB. */
export const KEY_BYTES_MAX = 2048;

/** Seconds a lease may last; a year is longer than anything that should still be a lease. */
export const LEASE_TTL_SECONDS_MAX = 31_536_000;

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the write that made the key (since it last did not exist). */
  readonly createRevision: number;
  /** Revision of its last write. */
  readonly modRevision: number;
  /** Writes since creation, 1 for the first. */
  readonly version: number;
  /** 0: none. */
  readonly lease: number;
}

/** Keys from `start` on, up to and without `end`, in the order of their UTF-8 bytes. */
export interface KeyRange {
  readonly start: string;
  /** Undefined: the one key `start`. Infinity is `prefixEnd("")`. */
  readonly end?: string | undefined;
}

export interface RangeOptions {
  /** 0 or undefined: no limit. */
  readonly limit?: number;
  /** Undefined: the newest. Throws "Compacted" or "FutureRevision" when it cannot be read. */
  readonly revision?: number;
  readonly countOnly?: boolean;
}

export interface RangeResult {
  readonly items: readonly KeyValue[];
  /** All keys in the range at that revision, also those past the limit. */
  readonly count: number;
  /** True when the limit cut the result. */
  readonly more: boolean;
  /** The store's newest revision at the moment of the read. */
  readonly revision: number;
}

/** Holds when the key's last write was at `modRevision`; 0 means "does not exist". */
export interface Compare {
  readonly key: string;
  readonly modRevision: number;
}

export type WriteOperation =
  | { readonly type: "put"; readonly key: string; readonly value: Uint8Array; readonly lease?: number }
  | { readonly type: "delete"; readonly key: string };

/**
 * Compares come first, then leases that do not exist. All operations get one revision. Without any effective write (deletes of keys that do not exist) the revision does not
 * move. A key may be written once: two writes at one revision would have no order.
 */
export interface Transaction {
  readonly compares: readonly Compare[];
  readonly writes: readonly WriteOperation[];
}

export type TransactionResult =
  | { readonly committed: true; readonly revision: number }
  /** A compare failed: nothing was written. `current` holds, per compare, what is there now. */
  | { readonly committed: false; readonly revision: number; readonly current: readonly (KeyValue | undefined)[] };

/** What was there before is not part of it: whoever needs that (the watch cache) has it already. */
export interface StoreEvent {
  readonly type: "put" | "delete";
  readonly key: string;
  /** Put: the new value. Delete: undefined. */
  readonly value?: Uint8Array;
  readonly revision: number;
  /** Of the key; a delete carries that of what it removed. */
  readonly createRevision: number;
  /** Writes since creation, 0 for a delete. */
  readonly version: number;
  /** 0: none. */
  readonly lease: number;
}

export interface WatchOptions {
  /** First revision to deliver; events of older ones are read from history. Undefined: from the next write on. */
  readonly fromRevision?: number;
}

/**
 * All events of one or more whole revisions, in order; no revision is ever split over two batches. A batch without events
 * says that the store moved on without touching the range.
 */
export interface WatchBatch {
  readonly events: readonly StoreEvent[];
  /** Everything up to here has been delivered to this watcher. */
  readonly revision: number;
}

export interface Store extends AsyncDisposable {
  /**
   * The newest revision, at least that of every write acknowledged before the call. 1 for an empty store. At once where the
   * store knows it without asking, and so may be its errors.
   */
  currentRevision(): Eventual<number>;
  range(range: KeyRange, options?: RangeOptions): Promise<RangeResult>;
  transact(transaction: Transaction): Promise<TransactionResult>;
  /**
   * Delivers every event of the range exactly once and in order; ends without an error when the signal aborts. What
   * counts as "from now on" is decided when it is called, not at the first read. Throws StoreError "Compacted" when the
   * next revision to deliver is older than the compacted one. A watcher that does not read is not dropped: its backlog
   * is read from history.
   */
  watch(range: KeyRange, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchBatch>;
  /**
   * Forgets history before `revision`; reads at it and watches from it still work. Nothing happens when that is forgotten
   * already. Revision 1, the empty store, may stay readable.
   */
  compact(revision: number): Promise<void>;
  /**
   * Keys put with the lease are deleted when it expires or is revoked. A lease that outlives the process may start its whole
   * time anew when the store is opened again, and one that is asked for may get longer: late is harmless, early is not. A
   * lease with many keys may end over several revisions.
   */
  grantLease(ttlSeconds: number): Promise<{ readonly id: number; readonly ttlSeconds: number }>;
  revokeLease(id: number): Promise<void>;
  /** Bytes on the medium. */
  sizeBytes(): Promise<number>;
}

/** No key may start with the last code point, so that it can stand for "after everything". */
const AFTER_EVERYTHING = "\u{10FFFF}";

/** The end of the range of all keys that start with `prefix`. */
export function prefixEnd(prefix: string): string {
  const lastUnit = prefix.charCodeAt(prefix.length - 1);
  // Nearly all prefixes end in a slash, and ends are asked for at every write.
  if (lastUnit < 0xd7ff) return prefix.slice(0, -1) + String.fromCharCode(lastUnit + 1);
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return AFTER_EVERYTHING;
  // U+D800 to U+DFFF are no characters: UTF-8 has nothing between U+D7FF and U+E000.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
