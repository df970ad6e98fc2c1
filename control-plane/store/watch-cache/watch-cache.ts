// All keys of a prefix in memory, decoded once, with the newest events beside them: what the API server answers reads and
// feeds watches from, so that ten thousand watchers cost the store one. It never writes and never guesses: what it no
// longer knows for sure it refuses with "Compacted", and the client lists anew.
//
// A cache lags the store by the way of one event. Whoever needs a read as fresh as the store asks the store for its
// revision and waits for it here: `await cache.waitFor(await store.currentRevision(), signal)`.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { EventLog } from "../event-log.ts";
import { isInRange } from "../key-order.ts";
import { OrderedMap } from "../ordered-map.ts";
import { type KeyRange, type KeyValue, prefixEnd, type Store, StoreError, type StoreEvent } from "../store.ts";
import { closedError, compactedError } from "../validation.ts";
import { type EventBatch, type EventHistory, WatchHub } from "../watch-hub.ts";
import { RevisionWaiters } from "./revision-waiters.ts";

/** Events kept for watchers: at a hundred a second of one kind a client may be away for forty seconds. */
const EVENTS_MAX = 4096;

/** Bytes of the values in those events, so that large objects do not multiply them. */
const EVENT_BYTES_MAX = 32 * 1024 * 1024;

/** Keys of one page of the first list: a page is read synchronously. */
const LIST_PAGE_KEYS = 500;

/** How often a watcher without events learns how far it is; a bookmark needs no more. */
const PROGRESS_INTERVAL_MS = 5_000;

/** Wait before the store is asked again after it failed. */
const RETRY_MS = 1_000;

export interface CachedItem<T> {
  readonly keyValue: KeyValue;
  readonly decoded: T;
}

/** One object for all watchers: what is derived from it (encoded bytes, say) may be kept in a WeakMap. */
export interface CacheEvent<T> {
  readonly type: "put" | "delete";
  readonly key: string;
  readonly revision: number;
  /** Put: the new state. Delete: the last state, its `modRevision` being that of the deletion. */
  readonly item: CachedItem<T>;
  /** What was there before; undefined for a key that is new. */
  readonly previous: CachedItem<T> | undefined;
}

/** Whole revisions, in order. Without events it says that everything up to `revision` has been delivered. */
export type CacheBatch<T> = EventBatch<CacheEvent<T>>;

export interface CacheRange<T> {
  readonly items: readonly CachedItem<T>[];
  /** All keys of the range, also those past the limit. */
  readonly count: number;
  readonly more: boolean;
  /** The state shown is exactly that of this revision. */
  readonly revision: number;
}

export interface WatchCacheOptions<T> {
  readonly store: Store;
  readonly prefix: string;
  /** Called once per write and once per deletion. Must not throw: what cannot be decoded is for `T` to say. */
  readonly decode: (keyValue: KeyValue) => T;
  readonly clock: Clock;
  readonly log: Logger;
  readonly eventsMax?: number;
  readonly progressIntervalMs?: number;
}

export class WatchCache<T> implements EventHistory<CacheEvent<T>> {
  readonly #options: WatchCacheOptions<T>;
  readonly #range: KeyRange;
  readonly #events: EventLog<CacheEvent<T>>;
  readonly #hub = new WatchHub<CacheEvent<T>>(this);
  readonly #waiters = new RevisionWaiters();
  #items = new OrderedMap<CachedItem<T>>();

  constructor(options: WatchCacheOptions<T>) {
    this.#options = options;
    this.#range = { start: options.prefix, end: prefixEnd(options.prefix) };
    this.#events = new EventLog(0, {
      eventsMax: options.eventsMax ?? EVENTS_MAX,
      bytesMax: EVENT_BYTES_MAX,
      bytesOf: ({ item }) => item.keyValue.value.byteLength,
    });
  }

  /** The revision whose state the cache shows; 0 before the first list is done. */
  get revision(): number {
    return this.#events.revision;
  }

  get isReady(): boolean {
    return this.revision > 0;
  }

  /**
   * Lists, then follows the store until the signal aborts or the store is closed; mends itself after every other failure.
   * To be called once, by the owner. When it returns, watches and waits end with the error "Closed".
   */
  async run(signal: AbortSignal): Promise<void> {
    using cleanup = new DisposableStack();
    cleanup.defer(() => {
      this.#hub.close();
      this.#waiters.close(closedError());
    });
    this.#reportProgress(cleanup);
    while (!signal.aborted) {
      try {
        if (!this.isReady) await this.#list();
        await this.#follow(signal);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (error.code === "Closed") return;
        await this.#recover(error, signal);
      }
    }
  }

  get(key: string): CachedItem<T> | undefined {
    this.#assertReady();
    return this.#items.get(key);
  }

  /** `limit` 0: no limit. */
  range(range: KeyRange, limit = 0): CacheRange<T> {
    this.#assertReady();
    const items: CachedItem<T>[] = [];
    for (const item of this.#items.values(range)) {
      if (limit > 0 && items.length === limit) break;
      items.push(item);
    }
    const count = limit > 0 && items.length === limit ? this.#items.count(range) : items.length;
    return { items, count, more: items.length < count, revision: this.revision };
  }

  /** Resolves when the cache shows the revision or a later one; rejects with the signal's reason when it aborts. */
  waitFor(revision: number, signal: AbortSignal): Promise<void> {
    return this.#waiters.waitFor(Math.max(1, revision), this.revision, signal);
  }

  /**
   * The range's events from a revision on, each exactly once and in order, until the signal aborts. Throws "Compacted" when
   * the cache no longer has all of them, at the start or later, for a reader that has fallen too far behind.
   */
  watch(range: KeyRange, fromRevision: number, signal: AbortSignal): AsyncIterable<CacheBatch<T>> {
    return this.#hub.watch(range, { fromRevision }, signal);
  }

  readAfter(range: KeyRange, afterRevision: number): CacheBatch<T> {
    const batch = this.#events.readAfter(range, afterRevision);
    if (!batch) throw compactedError(afterRevision + 1, this.#events.knownAfter + 1);
    return batch;
  }

  /** Shows the prefix as of one revision, and forgets all events: nobody knows what happened until there. */
  async #list(): Promise<void> {
    const { store, decode } = this.#options;
    const items = new OrderedMap<CachedItem<T>>();
    let start = this.#range.start;
    let revision: number | undefined;
    for (let more = true; more; ) {
      const page = await store.range(
        { start, end: this.#range.end },
        { limit: LIST_PAGE_KEYS, ...(revision === undefined ? {} : { revision }) },
      );
      revision ??= page.revision;
      for (const keyValue of page.items) items.set(keyValue.key, { keyValue, decoded: decode(keyValue) });
      // The smallest key after the last one.
      start = `${page.items.at(-1)?.key ?? start}\0`;
      more = page.more;
      if (more) await nextTurn();
    }
    this.#items = items;
    this.#events.reset(revision ?? 1);
    this.#waiters.advance(this.revision);
    this.#hub.wake();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const batches = this.#options.store.watch(this.#range, { fromRevision: this.revision + 1 }, signal);
    for await (const { events, revision } of batches) {
      const applied = events.map((event) => this.#apply(event));
      this.#events.append(applied, revision);
      this.#waiters.advance(revision);
      if (applied.length > 0) this.#hub.wake((range) => applied.some(({ key }) => isInRange(key, range)));
    }
  }

  #apply(event: StoreEvent): CacheEvent<T> {
    const { key, revision, type } = event;
    const previous = this.#items.get(key);
    const keyValue = stateAfter(event);
    const item = { keyValue, decoded: this.#options.decode(keyValue) };
    if (type === "put") this.#items.set(key, item);
    else this.#items.delete(key);
    return { type, key, revision, item, previous };
  }

  /** Every failure but a forgotten revision leaves the cache where it was, to go on from there without a gap. */
  async #recover(error: StoreError, signal: AbortSignal): Promise<void> {
    const { prefix, log, clock } = this.#options;
    if (error.code === "Compacted") {
      log.info("Watch cache fell behind the store's history and lists anew", { prefix, revision: this.revision });
      try {
        await this.#list();
        return;
      } catch (listError) {
        if (!(listError instanceof StoreError)) throw listError;
        error = listError;
      }
    }
    log.error("Watch cache lost the store and tries again", { prefix, revision: this.revision, error });
    // The only rejection is the signal's, on which the caller's loop ends.
    await clock.sleep(RETRY_MS, signal).catch(() => {});
  }

  #reportProgress(cleanup: DisposableStack): void {
    const { clock, progressIntervalMs = PROGRESS_INTERVAL_MS } = this.#options;
    let timer: Disposable | undefined;
    const wakeAll = () => {
      this.#hub.wake();
      timer = clock.setTimer(progressIntervalMs, wakeAll);
    };
    timer = clock.setTimer(progressIntervalMs, wakeAll);
    cleanup.defer(() => timer?.[Symbol.dispose]());
  }

  #assertReady(): void {
    if (!this.isReady) throw new StoreError("Unavailable", `Watch cache of "${this.#options.prefix}" is still empty`);
  }
}

function stateAfter({ key, value, revision, createRevision, version, lease, previous }: StoreEvent): KeyValue {
  if (value) return { key, value, createRevision, modRevision: revision, version, lease };
  return {
    key,
    value: previous?.value ?? new Uint8Array(0),
    createRevision,
    modRevision: revision,
    version: previous?.version ?? 0,
    lease: previous?.lease ?? 0,
  };
}
