// The store on an etcd cluster, which several Supervisors (and an upstream API server) may share. etcd keeps the data and
// orders the writes; here are only the newest events, so that any number of watches cost the cluster one stream.
//
// Reads and the newest revision are asked of the cluster, each time: another Supervisor may have written since.

import { create } from "@bufbuild/protobuf";
import {
  CompactionRequestSchema,
  KV,
  Lease,
  LeaseGrantRequestSchema,
  LeaseRevokeRequestSchema,
  Maintenance,
  StatusRequestSchema,
  type TxnResponse,
} from "@atoll/api/etcd/etcd_pb";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import { EventLog } from "../event-log.ts";
import { isInRange } from "../key-order.ts";
import {
  type KeyRange,
  type RangeOptions,
  type RangeResult,
  type Store,
  StoreError,
  type StoreEvent,
  type Transaction,
  type TransactionResult,
  type WatchBatch,
  type WatchOptions,
} from "../store.ts";
import { checkRevision, checkTransaction, checkTtl, closedError, futureError } from "../validation.ts";
import { RevisionWaiters } from "../watch-cache/revision-waiters.ts";
import { EtcdClient, type EtcdClientOptions } from "./etcd-client.ts";
import { LEASE_EXISTS } from "./etcd-error.ts";
import { rangeRequest, rangesOf, revisionRequest, transactionRequest } from "./etcd-requests.ts";
import { revisionOf, toKeyValue } from "./etcd-values.ts";
import { streamEvents } from "./event-stream.ts";

const EMPTY_REVISION = 1;

/** Events kept in memory for watchers that are nearly up to date; others are served from etcd's history. */
const EVENTS_MAX = 4096;

/** Bytes of values in those events. */
const EVENT_BYTES_MAX = 32 * 1024 * 1024;

/** Keys of one page of a read without a limit: what one message holds in memory, here and there. */
const PAGE_KEYS = 1000;

/** Events of one page of a watcher's backlog. */
const PAGE_EVENTS = 1000;

/** Wait before the stream of events is opened again. */
const RECONNECT_MS = 200;

/** Ids stay within what a number holds exactly. */
const LEASE_ID_BYTES = 6;

export interface EtcdStoreOptions extends EtcdClientOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Fails with "Unavailable" when no endpoint answers. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<EtcdStore> {
  await using opened = new AsyncDisposableStack();
  const client = opened.use(new EtcdClient(options));
  const revision = await askRevision(client);
  const store = new EtcdStore(options, client, revision);
  opened.move();
  return store;
}

export class EtcdStore implements Store {
  readonly #options: EtcdStoreOptions;
  readonly #client: EtcdClient;
  readonly #events: EventLog<StoreEvent>;
  readonly #watchers = new RevisionWaiters();
  readonly #closing = new AbortController();
  readonly #following: Promise<void>;
  /** The newest revision that any answer has told of; events may still be on their way. */
  #newest: number;
  #revisionRead: Promise<number> | undefined;
  #nextRevisionRead: Promise<number> | undefined;

  constructor(options: EtcdStoreOptions, client: EtcdClient, revision: number) {
    this.#options = options;
    this.#client = client;
    this.#newest = revision;
    // Revision 1 is the empty store's, the only one without an event: etcd's history could not tell that it has passed.
    this.#events = new EventLog(revision === EMPTY_REVISION ? 0 : revision, {
      eventsMax: EVENTS_MAX,
      bytesMax: EVENT_BYTES_MAX,
      bytesOf: ({ value }) => value?.byteLength ?? 0,
    });
    this.#events.append([], revision);
    this.#following = this.#follow(this.#closing.signal);
  }

  /** Callers that come while a question is under way share the next one: its answer is newer than all of them. */
  currentRevision(): Promise<number> {
    if (this.#closing.signal.aborted) return Promise.reject(closedError());
    if (!this.#revisionRead) {
      this.#revisionRead = this.#readRevision();
      return this.#revisionRead;
    }
    const readNext = () => {
      this.#nextRevisionRead = undefined;
      this.#revisionRead = this.#readRevision();
      return this.#revisionRead;
    };
    this.#nextRevisionRead ??= this.#revisionRead.then(readNext, readNext);
    return this.#nextRevisionRead;
  }

  async range(range: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    this.#assertOpen();
    const { limit = 0, countOnly = false, revision } = options;
    if (revision !== undefined) checkRevision(revision);
    if (countOnly || (limit > 0 && limit <= PAGE_KEYS)) return this.#readPage(range, options);
    return this.#readPages(range, limit, revision);
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    this.#assertOpen();
    const checked = checkTransaction(transaction);
    const request = transactionRequest(checked);
    const response = await this.#client.call(KV.method.txn, request, { attempt: "Write keys", kind: "write" });
    const revision = this.#learn(response);
    if (response.succeeded) return { committed: true, revision };
    const current = rangesOf(response).map(({ kvs: [found] }) => found && toKeyValue(found));
    return { committed: false, revision, current };
  }

  watch(range: KeyRange, { fromRevision }: WatchOptions, signal: AbortSignal): AsyncIterable<WatchBatch> {
    this.#assertOpen();
    if (fromRevision !== undefined) checkRevision(fromRevision);
    // Events of acknowledged writes may still be on their way: they are not "from now on".
    const newest = Math.max(this.#newest, this.#events.revision);
    return this.#readOn(range, fromRevision === undefined ? newest : fromRevision - 1, signal);
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen();
    checkRevision(revision);
    // etcd forgets deletions at the compacted revision and what was there before it, which are still wanted here.
    const compacted = revision - 1;
    if (compacted > 0) await this.#compactBefore(revision, compacted);
    this.#events.forgetBefore(revision);
  }

  async grantLease(ttlSeconds: number): Promise<{ readonly id: number; readonly ttlSeconds: number }> {
    this.#assertOpen();
    checkTtl(ttlSeconds);
    for (;;) {
      const id = newLeaseId(this.#options.random);
      const request = create(LeaseGrantRequestSchema, { ID: BigInt(id), TTL: BigInt(ttlSeconds) });
      try {
        // Granting it twice would be harmless: the second try has another id, and the first lease holds nothing.
        const granted = await this.#client.call(Lease.method.leaseGrant, request, {
          attempt: "Grant lease",
          kind: "write",
        });
        return { id, ttlSeconds: Number(granted.TTL) };
      } catch (error) {
        if (!(error instanceof StoreError && error.message.endsWith(LEASE_EXISTS))) throw error;
      }
    }
  }

  async revokeLease(id: number): Promise<void> {
    this.#assertOpen();
    const request = create(LeaseRevokeRequestSchema, { ID: BigInt(id) });
    this.#learn(await this.#client.call(Lease.method.leaseRevoke, request, { attempt: "Revoke lease", kind: "write" }));
  }

  async sizeBytes(): Promise<number> {
    this.#assertOpen();
    const request = create(StatusRequestSchema);
    const { dbSize } = await this.#client.call(Maintenance.method.status, request, {
      attempt: "Measure store",
      kind: "read",
    });
    return Number(dbSize);
  }

  /** Calls already under way are finished, watches end with the error "Closed". */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#watchers.close(closedError());
    await this.#following;
    await this.#client[Symbol.asyncDispose]();
  }

  /** Keeps the events in memory current, for as long as the store is open, through every failure of the cluster. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        for await (const events of streamEvents(this.#client, this.#events.revision + 1, signal)) {
          this.#events.append(events, events.at(-1)?.revision ?? this.#events.revision);
          this.#watchers.advance(this.#events.revision);
        }
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (signal.aborted) return;
        log.error("Store lost etcd's events and follows them again", { error, revision: this.#events.revision });
        if (error.code === "Compacted" && (await this.#startAnew())) continue;
        // The only rejection is the signal's, on which the loop ends.
        await clock.sleep(RECONNECT_MS, signal).catch(() => {});
      }
    }
  }

  /** After events were missed for good: watchers that need them are told so by etcd when they ask for its history. */
  async #startAnew(): Promise<boolean> {
    try {
      this.#events.reset(await askRevision(this.#client));
      this.#watchers.advance(this.#events.revision);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#options.log.error("Asking etcd for its revision failed", { error });
      return false;
    }
  }

  async *#readOn(range: KeyRange, afterRevision: number, signal: AbortSignal): AsyncGenerator<WatchBatch, void> {
    let position = afterRevision;
    while (!signal.aborted) {
      this.#assertOpen();
      if (position >= this.#events.revision) {
        // Rejects when the store is closed, which is the caller's to know, or with the signal.
        await this.#watchers.waitFor(position + 1, this.#events.revision, signal).catch((reason) => {
          if (!signal.aborted) throw reason;
        });
        continue;
      }
      const batch = this.#events.readAfter(range, position) ?? (await this.#readHistory(range, position, signal));
      if (signal.aborted) return;
      position = batch.revision;
      // On the way through a backlog there is nothing to say about pages without events; at its end there is.
      if (batch.events.length > 0 || position >= this.#events.revision) yield batch;
    }
  }

  /** One page of a backlog that is no longer in memory. */
  async #readHistory(range: KeyRange, afterRevision: number, signal: AbortSignal): Promise<WatchBatch> {
    const newest = this.#events.revision;
    const events: StoreEvent[] = [];
    let revision = afterRevision;
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    for await (const group of streamEvents(this.#client, afterRevision + 1, ended)) {
      for (const event of group) if (isInRange(event.key, range)) events.push(event);
      revision = group.at(-1)?.revision ?? revision;
      if (revision >= newest || events.length >= PAGE_EVENTS) break;
    }
    return { events, revision };
  }

  async #readPages(range: KeyRange, limit: number, atRevision: number | undefined): Promise<RangeResult> {
    const first = await this.#readPage(range, { limit: PAGE_KEYS, ...(atRevision && { revision: atRevision }) });
    const { count } = first;
    const revision = atRevision ?? first.revision;
    const wanted = limit === 0 ? count : Math.min(limit, count);
    const items = [...first.items];
    while (items.length < wanted) {
      // The smallest key after the last one.
      const start = `${items.at(-1)?.key ?? range.start}\0`;
      const page = await this.#readPage(
        { start, end: range.end },
        { revision, limit: Math.min(PAGE_KEYS, wanted - items.length) },
      );
      items.push(...page.items);
    }
    return { items, count, more: items.length < count, revision: first.revision };
  }

  async #readPage(range: KeyRange, { limit = 0, revision, countOnly = false }: RangeOptions): Promise<RangeResult> {
    const options = { limit, countOnly, ...(revision !== undefined && { revision }) };
    const response = await this.#client
      .call(KV.method.txn, rangeRequest(range, options), { attempt: "Read keys", kind: "read" })
      .catch((error) => this.#explainFuture(error, revision));
    const found = rangesOf(response).at(-1);
    const items = countOnly ? [] : (found?.kvs ?? []).map(toKeyValue);
    const count = Number(found?.count ?? 0n);
    return { items, count, more: !countOnly && items.length < count, revision: this.#learn(response) };
  }

  async #explainFuture(error: unknown, revision = 0): Promise<never> {
    if (!(error instanceof StoreError) || error.code !== "FutureRevision") throw error;
    throw futureError(revision, await this.currentRevision());
  }

  async #compactBefore(revision: number, compacted: number): Promise<void> {
    if (revision > (await this.currentRevision())) throw futureError(revision, this.#newest);
    const request = create(CompactionRequestSchema, { revision: BigInt(compacted) });
    try {
      await this.#client.call(KV.method.compact, request, { attempt: "Forget history", kind: "read" });
    } catch (error) {
      // Forgotten already, by us or by another Supervisor.
      if (!(error instanceof StoreError && error.code === "Compacted")) throw error;
    }
  }

  async #readRevision(): Promise<number> {
    try {
      const revision = await askRevision(this.#client);
      this.#newest = Math.max(this.#newest, revision);
      return revision;
    } finally {
      if (!this.#nextRevisionRead) this.#revisionRead = undefined;
    }
  }

  #learn({ header }: Pick<TxnResponse, "header">): number {
    const revision = revisionOf(header);
    this.#newest = Math.max(this.#newest, revision);
    return revision;
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw closedError();
  }
}

async function askRevision(client: EtcdClient): Promise<number> {
  const options = { attempt: "Ask for the revision", kind: "read" } as const;
  const { header } = await client.call(KV.method.txn, revisionRequest(), options);
  return revisionOf(header);
}

function newLeaseId(random: Random): number {
  // 0 would let etcd choose an id, with 63 bits.
  return random.bytes(LEASE_ID_BYTES).reduce((id, byte) => id * 256 + byte, 0) || 1;
}
