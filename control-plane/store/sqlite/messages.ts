// What the store's thread and the writer's thread say to each other. One group is under way at a time; its reply carries
// one result per command, in order. All of it survives structured cloning.

import type { StoreErrorCode, Transaction, TransactionResult } from "../store.ts";

export type Command =
  | { readonly type: "transact"; readonly transaction: Transaction }
  | { readonly type: "grantLease"; readonly ttlSeconds: number }
  | { readonly type: "revokeLease"; readonly id: number }
  | { readonly type: "compact"; readonly revision: number }
  /** Removes some of what a compaction has forgotten. */
  | { readonly type: "scrub" };

export type CommandResult =
  | {
      readonly type: "transacted";
      readonly result: TransactionResult;
      /** One per write, in order; empty when nothing was written. */
      readonly marks: readonly (WriteMark | undefined)[];
    }
  | { readonly type: "granted"; readonly id: number }
  | { readonly type: "done" }
  /** Nothing of this command was written; the others of the group were. */
  | Refusal;

/** What a write made of its key; there is none for the deletion of a key that does not exist. */
export interface WriteMark {
  readonly createRevision: number;
  /** 0: deleted. */
  readonly version: number;
}

export interface Refusal {
  readonly type: "refused";
  readonly code: StoreErrorCode;
  readonly message: string;
}

export interface LeaseRow {
  readonly id: number;
  readonly ttlSeconds: number;
}

/** What the thread is started with. */
export interface WriterOptions {
  readonly path: string;
  readonly sizeBytesMax: number;
}

export type ToWriter =
  | { readonly type: "group"; readonly commands: readonly Command[] }
  /** Closes the file and ends the thread. */
  | { readonly type: "close" };

export type FromWriter =
  | {
      readonly type: "ready";
      readonly revision: number;
      readonly leases: readonly LeaseRow[];
      readonly scrubs: boolean;
    }
  /** The answer to the start when the file cannot be opened. */
  | Refusal
  | GroupReply;

export type GroupReply =
  /** All of the group is on the medium. `scrubs`: something forgotten is still to be removed. */
  | {
      readonly type: "written";
      readonly results: readonly CommandResult[];
      readonly revision: number;
      readonly scrubs: boolean;
    }
  /** Nothing of the group was written. */
  | { readonly type: "failed"; readonly message: string };
