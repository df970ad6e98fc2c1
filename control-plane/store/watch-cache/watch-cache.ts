// All keys of a prefix in memory, decoded once, with the newest events beside them: what the API server answers reads and
// feeds watches from, so that ten thousand watchers cost the store one. It never writes and never guesses: what it no
// longer knows for sure it refuses with "Compacted", and the client lists anew.
//
// A cache lags the store by the way of one event. Whoever needs a read as fresh as the store asks the store for its
// revision and waits for it here: `await cache.waitFor(await store.currentRevision(), signal)`.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@atoll/base/clock";
import { assert } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { EventLog } from "../event-log.ts";
import { isInRange } from "../key-order.ts";
import { OrderedMap } from "../ordered-map.ts";
import { type KeyRange, type KeyValue, prefixEnd, type Store, StoreError, type StoreEvent } from "../store.ts";
import { closedError, compactedError } from "../validation.ts";
import { type EventBatch, type EventHistory, WatchHub, type WatchPosition } from "../watch-hub.ts";
import { RevisionWaiters } from "./revision-waiters.ts";
import type { FeedSink, StoreFeed } from "./store-feed.ts";

/** Events kept for watchers: at a hundred a second of one kind a client may be away for forty seconds. */
const EVENTS_MAX = 4096;

/** Bytes of the values in those events, so that large objects do not multiply them. */
const EVENT_BYTES_MAX = 32 * 1024 * 1024;

/** Behind so many newer events one is hardly ever read: what was made of its objects is forgotten, and made again if it is. */
const WARM_EVENTS = 64;

/** Keys of one page of the first list: a page is read synchronously. */
const LIST_PAGE_KEYS = 500;

/** How often a watcher without events learns how far it is; a bookmark needs no more. */
const PROGRESS_INTERVAL_MS = 5_000;

/** Wait before the store is asked again after it failed. */
const RETRY_MS = 1_000;

export interface CachedItem<T> {
  readonly key: string;
  readonly modRevision: number;
  /** Bytes of the stored value, which itself is not kept: `decoded` has what is needed of it. */
  readonly bytes: number;
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
  /** Of the same store. */
  readonly feed: StoreFeed;
  /** Ends in a slash. */
  readonly prefix: string;
  /** Called once per write. Must not throw: what cannot be decoded is for `T` to say. */
  readonly decode: (keyValue: KeyValue) => T;
  /** The same as of another revision: the last state of what was deleted there. */
  readonly restamp: (decoded: T, revision: number) => T;
  /** Forgets what can be made again: of a version that was replaced, some events ago. */
  readonly cool?: (decoded: T) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly eventsMax?: number;
  readonly progressIntervalMs?: number;
}

export class WatchCache<T> implements EventHistory<CacheEvent<T>>, FeedSink {
  readonly #options: WatchCacheOptions<T>;
  readonly #range: KeyRange;
  readonly #events: EventLog<CacheEvent<T>>;
  readonly #hub = new WatchHub<CacheEvent<T>>(this);
  readonly #waiters = new RevisionWaiters();
  #items = new OrderedMap<CachedItem<T>>();
  /** Set while the items are being listed: what happens meanwhile. */
  #arrived: StoreEvent[] | undefined = [];
  #wakeRun: (() => void) | undefined;
  #isEnded = false;

  constructor(options: WatchCacheOptions<T>) {
    this.#options = options;
    this.#range = { start: options.prefix, end: prefixEnd(options.prefix) };
    this.#events = new EventLog(0, {
      eventsMax: options.eventsMax ?? EVENTS_MAX,
      bytesMax: EVENT_BYTES_MAX,
      bytesOf: ({ item }) => item.bytes,
    });
  }

  /** The revision whose state the cache shows; 0 before the first list is done. */
  get revision(): number {
    this.#moveWithFeed();
    return this.#events.revision;
  }

  /** Since this revision nothing has changed here; 0 before the first list is done. */
  get changedAt(): number {
    return this.#events.changedAt;
  }

  get isReady(): boolean {
    return this.#events.revision > 0;
  }

  /**
   * Lists, then follows the feed until the signal aborts or the feed ends; lists again when the feed has a gap. To be called
   * once, by the owner. When it returns, watches and waits end with the error "Closed".
   */
  async run(signal: AbortSignal): Promise<void> {
    using cleanup = new DisposableStack();
    cleanup.defer(() => {
      this.#hub.close();
      this.#waiters.close(closedError());
    });
    const { feed, prefix } = this.#options;
    cleanup.use(feed.join(prefix, this));
    cleanup.use(feed.history.join(this.#events));
    this.#reportProgress(cleanup);
    const wake = () => this.#wakeRun?.();
    signal.addEventListener("abort", wake);
    cleanup.defer(() => signal.removeEventListener("abort", wake));
    while (!signal.aborted && !this.#isEnded) {
      // What is listed before the feed has begun may change before the feed sees it.
      if (feed.revision === 0) feed.callWhenMoved(this);
      else if (this.#arrived) {
        await this.#list(signal);
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wakeRun = resolve;
      });
    }
  }

  take(events: readonly StoreEvent[]): void {
    if (this.#arrived) {
      this.#arrived.push(...events);
      return;
    }
    // A list may show more than the feed has brought yet.
    const shown = this.#events.revision;
    const applied = events.filter(({ revision }) => revision > shown).map((event) => this.#apply(event));
    if (applied.length === 0) return;
    const last = applied.at(-1)?.revision ?? this.#events.revision;
    this.#events.append(applied, last);
    this.#coolBehind(applied.length);
    this.#options.feed.history.enforce();
    this.#waiters.advance(last);
    this.#hub.wake((range) => applied.some(({ key }) => isInRange(key, range)));
  }

  lose(): void {
    this.#arrived = [];
    this.#wakeRun?.();
  }

  moved(): void {
    this.#wakeRun?.();
    this.#waiters.advance(this.revision);
    if (this.#waiters.isWaiting) this.#options.feed.callWhenMoved(this);
  }

  end(): void {
    this.#isEnded = true;
    this.#wakeRun?.();
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
    const reached = this.revision;
    if (reached < revision) this.#options.feed.callWhenMoved(this);
    return this.#waiters.waitFor(Math.max(1, revision), reached, signal);
  }

  /**
   * A place from which the range's events are read on, each exactly once and in order. Reading throws "Compacted" when the
   * cache no longer has all of them, at the start or later, for a reader that has fallen too far behind.
   */
  open(range: KeyRange, fromRevision: number): WatchPosition<CacheEvent<T>> {
    return this.#hub.open(range, { fromRevision });
  }

  readAfter(range: KeyRange, afterRevision: number): CacheBatch<T> {
    this.#moveWithFeed();
    const batch = this.#events.readAfter(range, afterRevision);
    if (!batch) throw compactedError(afterRevision + 1, this.#events.knownAfter + 1);
    return batch;
  }

  /** Reads the whole prefix; after a failure of the store, which is logged, again at the next call. */
  async #list(signal: AbortSignal): Promise<void> {
    const { prefix, log, clock } = this.#options;
    const arrived: StoreEvent[] = [];
    this.#arrived = arrived;
    try {
      const { items, revision } = await this.#readAll();
      // What was being read is out of date again when the feed has had a gap meanwhile.
      if (this.#arrived === arrived) this.#show(items, revision, arrived);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === "Closed") {
        this.#isEnded = true;
        return;
      }
      log.error("Watch cache could not list, which is tried again", { prefix, error });
      // The only rejection is the signal's, on which the caller's loop ends.
      await clock.sleep(RETRY_MS, signal).catch(() => {});
    }
  }

  /** The prefix as of one revision, in pages. */
  async #readAll(): Promise<{ readonly items: OrderedMap<CachedItem<T>>; readonly revision: number }> {
    const { store } = this.#options;
    const items = new OrderedMap<CachedItem<T>>();
    let start = this.#range.start;
    let revision: number | undefined;
    for (let more = true; more; ) {
      const page = await store.range(
        { start, end: this.#range.end },
        { limit: LIST_PAGE_KEYS, ...(revision === undefined ? {} : { revision }) },
      );
      revision ??= page.revision;
      for (const keyValue of page.items) items.set(keyValue.key, this.#decode(keyValue));
      // The smallest key after the last one.
      start = `${page.items.at(-1)?.key ?? start}\0`;
      more = page.more;
      if (more) await nextTurn();
    }
    return { items, revision: revision ?? 1 };
  }

  /** Forgets all events, for nobody knows what happened until the list, and goes on with those after it. */
  #show(items: OrderedMap<CachedItem<T>>, revision: number, arrived: readonly StoreEvent[]): void {
    this.#items = items;
    this.#events.reset(revision);
    this.#arrived = undefined;
    this.take(arrived);
    this.#waiters.advance(this.revision);
    if (this.#waiters.isWaiting) this.#options.feed.callWhenMoved(this);
    this.#hub.wake();
  }

  /** What happened up to the feed's revision and did not come here was not of this prefix. */
  #moveWithFeed(): void {
    if (!this.#arrived) this.#events.advance(this.#options.feed.revision);
  }

  #apply({ type, key, value = NO_VALUE, revision, createRevision, version, lease }: StoreEvent): CacheEvent<T> {
    const previous = this.#items.get(key);
    if (type === "put") {
      const item = this.#decode({ key, value, createRevision, modRevision: revision, version, lease });
      this.#items.set(key, item);
      return { type, key, revision, item, previous };
    }
    this.#items.delete(key);
    return { type, key, revision, item: this.#lastState(key, revision, previous), previous };
  }

  /** `count` events have come since the last time. */
  #coolBehind(count: number): void {
    const { cool } = this.#options;
    if (!cool) return;
    for (let newer = WARM_EVENTS; newer < WARM_EVENTS + count; newer++) {
      const event = this.#events.eventBefore(newer);
      if (event?.previous) cool(event.previous.decoded);
      if (event?.type === "delete") cool(event.item.decoded);
    }
  }

  #decode(keyValue: KeyValue): CachedItem<T> {
    const { key, modRevision, value } = keyValue;
    return { key, modRevision, bytes: value.byteLength, decoded: this.#options.decode(keyValue) };
  }

  /** Without anything before it there is nothing to show: only a key that was deleted twice, which no store does. */
  #lastState(key: string, modRevision: number, previous: CachedItem<T> | undefined): CachedItem<T> {
    assert(previous, `"${key}" is deleted and was not there`);
    return { ...previous, modRevision, decoded: this.#options.restamp(previous.decoded, modRevision) };
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

const NO_VALUE = new Uint8Array(0);
