// One kind's objects in the store: reads from the watch cache, writes by compare-and-swap. A read without a version sees
// every write that was acknowledged before it began: the cache is asked only once it has caught up with the store.

import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { type Eventual, whenThere } from "@atoll/base/eventual";
import type { Logger } from "@atoll/base/log";
import { ApiError } from "@atoll/machinery/object/api-error";
import {
  type KeyRange,
  prefixEnd,
  type Store,
  StoreError,
  type Transaction,
  type TransactionResult,
  VALUE_BYTES_MAX,
} from "../../store/store.ts";
import type { WatchPosition } from "../../store/watch-hub.ts";
import type { StoreFeed } from "../../store/watch-cache/store-feed.ts";
import { type CacheBatch, type CacheEvent, WatchCache } from "../../store/watch-cache/watch-cache.ts";
import type { StoreMetrics, StoreOperation, StoreSeries } from "../metrics/store-metrics.ts";
import type { Companions } from "./reservation.ts";
import { LeasePool } from "../../store/lease-pool.ts";
import { type ConvertObjects, createConvertingCodec } from "./converting-codec.ts";
import { createObjectCodec, type ObjectCodec, type StoredObject } from "./stored-object.ts";
import { toApiFailure } from "./store-failure.ts";
import { storageKey, storagePrefix } from "./storage-keys.ts";
import type { ValueReader } from "./foreign-values.ts";
import type { Encryption } from "./value-cipher.ts";

export type ObjectEvent = CacheEvent<StoredObject>;
export type ObjectEventBatch = CacheBatch<StoredObject>;

export interface ObjectRange {
  readonly items: readonly StoredObject[];
  readonly revision: number;
  /** Objects of the range past the limit. */
  readonly remaining: number;
}

/** What to do with the object that is there: write another one in its place, remove it, or leave it. */
export type Change =
  | { readonly type: "put"; readonly object: KubeObject; readonly companions?: Companions | undefined }
  | { readonly type: "delete"; readonly companions?: Companions | undefined }
  | { readonly type: "keep" };

export interface ChangeResult {
  readonly type: Change["type"];
  /** The object after a put, the last one before a delete. */
  readonly stored: StoredObject;
}

/** A writer that loses this many races in a row tells its client to try again. */
const CHANGE_ATTEMPTS_MAX = 32;

const NEVER = new AbortController().signal;

export class ResourceStore {
  readonly kind: KindDefinition;
  readonly prefix: string;
  readonly codec: ObjectCodec;
  readonly #store: Store;
  /** For kinds whose objects vanish by themselves. */
  readonly #leases: LeasePool | undefined;
  readonly #cache: WatchCache<StoredObject>;
  readonly #calls: StoreSeries | undefined;
  readonly #clock: Clock;

  constructor(options: {
    readonly kind: KindDefinition;
    /** Where the objects stand, when it is not where the built-in kind of that name has them. */
    readonly prefix?: string;
    /** Where others convert between the kind's versions. */
    readonly convert?: ConvertObjects | undefined;
    readonly store: Store;
    readonly feed: StoreFeed;
    /** Undefined: nothing is sealed. */
    readonly encryption: Encryption | undefined;
    /** How values are read that are not of our own layout; undefined: as JSON. */
    readonly readValue?: ValueReader;
    /** Undefined: nothing is counted. */
    readonly metrics?: StoreMetrics;
    readonly clock: Clock;
    readonly log: Logger;
  }) {
    this.kind = options.kind;
    this.prefix = options.prefix ?? storagePrefix((options.kind.storedAs ?? options.kind).resource);
    const { kind, store, feed, clock, log, encryption, readValue } = options;
    const cipher = encryption?.cipherOf((kind.storedAs ?? kind).resource);
    this.codec = options.convert
      ? createConvertingCodec(kind, options.convert, { cipher, readValue })
      : createObjectCodec(kind, cipher, readValue);
    this.#store = store;
    this.#clock = clock;
    this.#calls = options.metrics?.of(kind.resource);
    const { ttlSeconds } = kind;
    this.#leases = ttlSeconds === undefined ? undefined : new LeasePool({ store, clock, ttlSeconds });
    const { decodeAlways: decode, restamp } = this.codec;
    const cool = (stored: StoredObject) => stored.cool();
    this.#cache = new WatchCache({ store, feed, prefix: this.prefix, decode, restamp, cool, clock, log });
  }

  /** Fills the cache and keeps it current until the signal aborts. To be called once. */
  run(signal: AbortSignal): Promise<void> {
    return this.#cache.run(signal);
  }

  waitUntilReady(signal: AbortSignal): Promise<void> {
    return this.#cache.waitFor(1, signal);
  }

  /** Whether the cache has been filled. */
  get isReady(): boolean {
    return this.#cache.isReady;
  }

  keyOf(namespace: string, name: string): string {
    return storageKey(this.prefix, namespace, name);
  }

  /** All keys of the kind, or of one namespace of it. */
  rangeOf(namespace: string): { readonly start: string; readonly end: string } {
    const start = namespace === "" ? this.prefix : `${this.prefix}${namespace}/`;
    return { start, end: prefixEnd(start) };
  }

  /** The one key of a name; the whole kind where a name may be in any namespace. */
  rangeOfName(namespace: string, name: string): { readonly start: string; readonly end: string } {
    if (namespace === "" && this.kind.resource.scope === "Namespaced") return this.rangeOf("");
    const start = this.keyOf(namespace, name);
    return { start, end: `${start}\0` };
  }

  /** What the cache holds now, which may lack the newest writes. For checks that repeat anyway. */
  peek(key: string): StoredObject | undefined {
    return this.#cache.get(key)?.decoded;
  }

  /** The revision whose state the cache shows. */
  get revision(): number {
    return this.#cache.revision;
  }

  /** Since this revision nothing has changed in the cache. */
  get changedAt(): number {
    return this.#cache.changedAt;
  }

  /** Every event of the kind after a revision, as far as the cache is. Throws StoreError Compacted as `watch` does. */
  readAfter(revision: number): ObjectEventBatch {
    return this.#cache.readAfter(this.rangeOf(""), revision);
  }

  /** The revision that a reader who starts now must have seen. */
  catchUp(signal: AbortSignal = NEVER): Eventual<number> {
    return whenThere(this.#currentRevision(), (revision) =>
      this.#cache.revision < revision ? this.#cache.waitFor(revision, signal).then(() => revision) : revision,
    );
  }

  #currentRevision(): Eventual<number> {
    const fail = (error: unknown) => {
      throw toApiFailure(error);
    };
    try {
      const revision = this.#store.currentRevision();
      return revision instanceof Promise ? revision.catch(fail) : revision;
    } catch (error) {
      return fail(error);
    }
  }

  get(key: string, signal?: AbortSignal): Eventual<StoredObject | undefined> {
    return whenThere(this.catchUp(signal), () => {
      const stored = this.#cache.get(key)?.decoded;
      return stored && this.codec.settle ? this.codec.settle([stored]).then(() => stored) : stored;
    });
  }

  /** To be awaited before objects that did not come out of a call that waits are looked into; undefined: they may be. */
  settle(stored: readonly StoredObject[]): Promise<void> | undefined {
    return this.codec.settle?.(stored);
  }

  /** As `settle`, for all that the events show. */
  settleEvents({ events }: ObjectEventBatch): Promise<void> | undefined {
    return this.codec.settle?.(
      events.flatMap(({ item, previous }) => (previous ? [item.decoded, previous.decoded] : [item.decoded])),
    );
  }

  /** From the cache as it is. `limit` 0: all. */
  rangeCached(range: KeyRange, limit: number): ObjectRange {
    const { items, count, revision } = this.#cache.range(range, limit);
    return { items: items.map(({ decoded }) => decoded), revision, remaining: count - items.length };
  }

  /** From the store's history, for later pages of a list. Throws StoreError Compacted or FutureRevision. */
  async rangeAt(
    range: KeyRange,
    revision: number,
    limit: number,
  ): Promise<{ items: StoredObject[]; remaining: number }> {
    const result = await this.#timed("list", () => this.#store.range(range, { revision, limit }));
    const items = result.items.map((item) => this.codec.decode(item));
    if (this.codec.settle) await this.codec.settle(items);
    return { items, remaining: result.count - result.items.length };
  }

  /** Where events after a revision are read. Reading throws StoreError Compacted for a reader that is too far behind. */
  follow(range: KeyRange, afterRevision: number): WatchPosition<ObjectEvent> {
    return this.#cache.open(range, afterRevision + 1);
  }

  /** Undefined: the key is taken. "outdated": it is free, but what the companions were made from has changed. */
  async create(
    key: string,
    object: KubeObject,
    companions?: Companions,
  ): Promise<StoredObject | "outdated" | undefined> {
    const value = this.#encode(key, await this.#prepared(object));
    const result = await this.#transact(key, 0, value, companions);
    if (result.committed) return this.#written(key, value, result.revision);
    return result.current[0] ? undefined : "outdated";
  }

  /**
   * Reads, lets `decide` say what shall be there, and writes it; again with the newer object when somebody else was
   * quicker. `decide` may throw to refuse. Undefined: there is no such object.
   */
  async change(
    key: string,
    decide: (stored: StoredObject) => Promise<Change> | Change,
  ): Promise<ChangeResult | undefined> {
    let stored = await this.get(key);
    for (let attempt = 0; attempt < CHANGE_ATTEMPTS_MAX; attempt++) {
      if (!stored) return undefined;
      const change = await decide(stored);
      if (change.type === "keep") return { type: "keep", stored };
      const value = change.type === "put" ? this.#encode(key, await this.#prepared(change.object)) : undefined;
      const result = await this.#transact(key, stored.revision, value, change.companions);
      if (result.committed) {
        if (!value) return { type: "delete", stored: this.codec.restamp(stored, result.revision) };
        return { type: "put", stored: await this.#written(key, value, result.revision) };
      }
      const [current] = result.current;
      stored = current ? this.codec.decode(current) : undefined;
      if (stored && this.codec.settle) await this.codec.settle([stored]);
    }
    throw new ApiError(
      "ServerTimeout",
      `The object changed ${CHANGE_ATTEMPTS_MAX} times while it was being written; please try again`,
      {
        details: { retryAfterSeconds: 1 },
      },
    );
  }

  /** What a write would have left, for dry runs. */
  async preview(key: string, object: KubeObject, revision: number): Promise<StoredObject> {
    return this.#written(key, this.#encode(key, await this.#prepared(object)), revision);
  }

  #prepared(object: KubeObject): Promise<KubeObject> | KubeObject {
    return this.codec.prepare ? this.codec.prepare(object) : object;
  }

  async #written(key: string, value: Uint8Array, modRevision: number): Promise<StoredObject> {
    const stored = this.codec.decode({ key, value, modRevision });
    if (this.codec.settle) await this.codec.settle([stored]);
    return stored;
  }

  async #transact(key: string, modRevision: number, value: Uint8Array | undefined, companions?: Companions) {
    const compare = { key, modRevision };
    const compares = companions ? [compare, ...companions.compares] : [compare];
    const more = companions?.writes ?? [];
    const operation = !value ? "delete" : modRevision === 0 ? "create" : "update";
    try {
      return await this.#timed(operation, () => {
        if (!value) return this.#store.transact({ compares, writes: [{ type: "delete", key }, ...more] });
        if (this.#leases) return this.#putWithLease(this.#leases, { key, value }, { compares, writes: more });
        return this.#store.transact({ compares, writes: [{ type: "put", key, value }, ...more] });
      });
    } catch (error) {
      throw toApiFailure(error);
    }
  }

  async #timed<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    const startMs = this.#clock.monotonicMs();
    let isFailed = true;
    try {
      const result = await call();
      isFailed = false;
      return result;
    } finally {
      this.#calls?.count(operation, isFailed, (this.#clock.monotonicMs() - startMs) / 1000);
    }
  }

  async #putWithLease(
    leases: LeasePool,
    { key, value }: { readonly key: string; readonly value: Uint8Array },
    { compares, writes }: Transaction,
  ): Promise<TransactionResult> {
    const transact = async () => {
      const lease = await leases.take();
      return this.#store.transact({ compares, writes: [{ type: "put", key, value, lease }, ...writes] });
    };
    try {
      return await transact();
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "LeaseNotFound")) throw error;
      // It has gone before its time: the store was restored, or its clock was set.
      leases.drop();
      return await transact();
    }
  }

  #encode(key: string, object: KubeObject): Uint8Array {
    const value = this.codec.encode(key, object);
    if (value.length > VALUE_BYTES_MAX) {
      throw new ApiError(
        "RequestEntityTooLarge",
        `The object has ${value.length} bytes, more than the ${VALUE_BYTES_MAX} bytes that fit into the store`,
      );
    }
    return value;
  }
}
