// The store in memory: for tests and simulation. Everything it keeps is gone with the process; in all else it means the
// same as the other makers. Every operation is done when the call returns; the promises are only the interface's.

import type { Clock } from "@atoll/base/clock";
import { EventLog } from "../event-log.ts";
import { compareKeys } from "../key-order.ts";
import { LeaseTimer } from "../lease-timer.ts";
import { OrderedMap } from "../ordered-map.ts";
import {
  type KeyRange,
  type KeyValue,
  type RangeOptions,
  type RangeResult,
  type Store,
  type StoreEvent,
  TRANSACTION_OPERATIONS_MAX,
  type Transaction,
  type TransactionResult,
  type WatchBatch,
  type WatchOptions,
  type WriteOperation,
} from "../store.ts";
import {
  checkRevision,
  checkTransaction,
  checkTtl,
  closedError,
  compactedError,
  futureError,
  leaseNotFoundError,
} from "../validation.ts";
import { type EventHistory, WatchHub } from "../watch-hub.ts";

interface Version {
  readonly revision: number;
  /** Undefined: deleted at this revision. */
  readonly keyValue: KeyValue | undefined;
}

interface Lease {
  readonly ttlSeconds: number;
  readonly keys: Set<string>;
}

export class MemoryStore implements Store, EventHistory {
  /** Per key its versions from the compacted revision on, oldest first, never none. */
  readonly #versions = new OrderedMap<Version[]>();
  readonly #events = new EventLog<StoreEvent>(0);
  readonly #leases = new Map<number, Lease>();
  readonly #leaseTimer: LeaseTimer;
  readonly #hub = new WatchHub(this);
  #revision = 1;
  #compacted = 0;
  #leaseIds = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    // Revision 1 is the empty store's: it has no events, but watchers must get past it.
    this.#events.append([], this.#revision);
    this.#leaseTimer = new LeaseTimer(clock, (id) => this.#endLease(id));
  }

  get revision(): number {
    return this.#revision;
  }

  currentRevision(): number {
    this.#assertOpen();
    return this.#revision;
  }

  async range(range: KeyRange, { limit = 0, revision, countOnly = false }: RangeOptions = {}): Promise<RangeResult> {
    this.#assertOpen();
    if (revision !== undefined) {
      checkRevision(revision);
      if (revision > this.#revision) throw futureError(revision, this.#revision);
      if (revision < this.#compacted) throw compactedError(revision, this.#compacted);
    }
    const items: KeyValue[] = [];
    let count = 0;
    for (const versions of this.#versions.values(range)) {
      const keyValue = versionAt(versions, revision ?? this.#revision)?.keyValue;
      if (!keyValue) continue;
      count++;
      if (!countOnly && (limit === 0 || items.length < limit)) items.push(keyValue);
    }
    return { items, count, more: !countOnly && items.length < count, revision: this.#revision };
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    this.#assertOpen();
    const { compares, writes } = checkTransaction(transaction);
    if (!compares.every(({ key, modRevision }) => (this.#current(key)?.modRevision ?? 0) === modRevision)) {
      return { committed: false, revision: this.#revision, current: compares.map(({ key }) => this.#current(key)) };
    }
    for (const write of writes) {
      if (write.type === "put" && write.lease && !this.#leases.has(write.lease)) throw leaseNotFoundError(write.lease);
    }
    this.#write(writes);
    return { committed: true, revision: this.#revision };
  }

  watch(range: KeyRange, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return this.#hub.watch(range, options, signal);
  }

  readAfter(range: KeyRange, afterRevision: number): WatchBatch {
    const batch = this.#events.readAfter(range, afterRevision);
    if (!batch) throw compactedError(afterRevision + 1, this.#compacted);
    return batch;
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen();
    checkRevision(revision);
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    if (revision <= this.#compacted) return;
    this.#compacted = revision;
    const touched = this.#events.keysUntil(revision);
    this.#events.forgetBefore(revision);
    for (const key of touched) this.#forget(key, revision);
  }

  async grantLease(ttlSeconds: number): Promise<{ readonly id: number; readonly ttlSeconds: number }> {
    this.#assertOpen();
    checkTtl(ttlSeconds);
    const id = ++this.#leaseIds;
    this.#leases.set(id, { ttlSeconds, keys: new Set() });
    this.#leaseTimer.start(id, ttlSeconds);
    return { id, ttlSeconds };
  }

  async revokeLease(id: number): Promise<void> {
    this.#assertOpen();
    if (!this.#leases.has(id)) throw leaseNotFoundError(id);
    this.#leaseTimer.stop(id);
    this.#endLease(id);
  }

  async sizeBytes(): Promise<number> {
    this.#assertOpen();
    return 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#leaseTimer[Symbol.dispose]();
    this.#hub.close();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  #current(key: string): KeyValue | undefined {
    return this.#versions.get(key)?.at(-1)?.keyValue;
  }

  #write(writes: readonly WriteOperation[]): void {
    const effective = writes.filter((write) => write.type === "put" || this.#current(write.key));
    if (effective.length === 0) return;
    this.#revision++;
    const events = effective.map((write) => {
      const version = nextVersion(write, this.#current(write.key), this.#revision);
      return this.#append(version, write.key);
    });
    this.#events.append(events, this.#revision);
    this.#hub.wake();
  }

  #append(version: Version, key: string): StoreEvent {
    const previous = this.#current(key);
    if (previous?.lease) this.#leases.get(previous.lease)?.keys.delete(key);
    if (version.keyValue?.lease) this.#leases.get(version.keyValue.lease)?.keys.add(key);
    const versions = this.#versions.get(key);
    if (versions) versions.push(version);
    else this.#versions.set(key, [version]);
    return toEvent(version, key, previous?.createRevision ?? version.revision);
  }

  #endLease(id: number): void {
    const keys = [...(this.#leases.get(id)?.keys ?? [])].sort(compareKeys);
    for (let first = 0; first < keys.length; first += TRANSACTION_OPERATIONS_MAX) {
      const some = keys.slice(first, first + TRANSACTION_OPERATIONS_MAX);
      this.#write(some.map((key) => ({ type: "delete", key })));
    }
    this.#leases.delete(id);
  }

  /** Drops the versions of a key that no read at the revision or a later one can see. */
  #forget(key: string, revision: number): void {
    const versions = this.#versions.get(key);
    if (!versions) return;
    let first = versions.findLastIndex((version) => version.revision <= revision);
    if (first >= 0 && !versions[first]?.keyValue) first++;
    if (first > 0) versions.splice(0, first);
    if (versions.length === 0) this.#versions.delete(key);
  }
}

function versionAt(versions: readonly Version[], revision: number): Version | undefined {
  return versions.findLast((version) => version.revision <= revision);
}

function nextVersion(write: WriteOperation, current: KeyValue | undefined, revision: number): Version {
  if (write.type === "delete") return { revision, keyValue: undefined };
  const keyValue: KeyValue = {
    key: write.key,
    value: write.value,
    createRevision: current?.createRevision ?? revision,
    modRevision: revision,
    version: (current?.version ?? 0) + 1,
    lease: write.lease ?? 0,
  };
  return { revision, keyValue };
}

function toEvent({ revision, keyValue }: Version, key: string, createRevision: number): StoreEvent {
  if (!keyValue) return { type: "delete", key, revision, createRevision, version: 0, lease: 0 };
  const { value, version, lease } = keyValue;
  return { type: "put", key, value, revision, createRevision, version, lease };
}
