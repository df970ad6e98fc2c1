// Keeps a cache of one kind in step with the API: lists, then watches from the list's version, for ever. A watch that ends
// is resumed from the last version seen; a version the server has forgotten means a new list, whose difference to the cache
// becomes events, so that a deletion is never missed. Handlers are told after the cache changed, in order, one at a time.

import { type KubeObject, type Resource, qualifiedPlural } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client, ListOptions } from "../client/client.ts";
import { hasReason } from "../object/api-error.ts";
import { BackOff } from "./back-off.ts";
import type { Lister } from "./informer.ts";
import { metadataReducer } from "./metadata-object.ts";
import { ObjectCache, cacheKey, parseCacheKey } from "./object-cache.ts";

/** Objects asked for at a time: a page of pods stays near 25 MB. */
const LIST_PAGE_SIZE = 5000;
/** As upstream's reflectors: watches end by themselves after 5 to 10 minutes, spread so that they do not end together. */
const WATCH_SECONDS_MIN = 300;
const BACK_OFF = { firstMs: 800, longestMs: 30_000, jitter: 1 };

export type CacheChange<T extends KubeObject> =
  | { readonly type: "added"; readonly object: T; readonly old?: undefined }
  | { readonly type: "modified"; readonly object: T; readonly old: T }
  /** `object` is the last state known; after a new list not necessarily the final one. */
  | { readonly type: "deleted"; readonly object: T; readonly old?: undefined };

export type ChangeHandler<T extends KubeObject> = (change: CacheChange<T>) => void;

export interface SharedInformerOptions<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** True: only metadata is asked for and kept, without annotations and managed fields (`metadata-object.ts`). */
  readonly metadataOnly?: boolean;
}

export class SharedInformer<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly #options: SharedInformerOptions<T>;
  readonly #log: Logger;
  readonly #cache = new ObjectCache<T>();
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #keep: (object: T) => T;
  readonly #selection: Pick<ListOptions, "namespace" | "fieldSelector" | "labelSelector" | "metadataOnly">;
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #version: string | undefined;

  constructor(options: SharedInformerOptions<T>) {
    this.resource = options.resource;
    this.#options = options;
    this.#log = options.log.with({ resource: qualifiedPlural(options.resource) });
    const { namespace, fieldSelector, labelSelector, metadataOnly = false } = options;
    // Whoever asks for an informer of metadata reads nothing else of its objects.
    this.#keep = metadataOnly
      ? (metadataReducer(options.resource) as unknown as (object: T) => T)
      : withoutManagedFields<T>;
    this.#selection = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(metadataOnly ? { metadataOnly } : {}),
    };
  }

  get lister(): Lister<T> {
    return this.#cache;
  }

  /** True once the first list is in the cache. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** The newest version the cache is known to hold everything of; undefined before the first list. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Resolves when the first list is in the cache and was handed to the handlers. */
  whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  /** A handler that comes late is told of everything in the cache first. Disposing it ends the calls. */
  subscribe(handler: ChangeHandler<T>): Disposable {
    for (const object of this.#cache.list()) this.#tell(handler, { type: "added", object });
    this.#handlers.add(handler);
    return { [Symbol.dispose]: () => this.#handlers.delete(handler) };
  }

  /** Runs until the signal aborts, and then resolves; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const backOff = new BackOff(BACK_OFF, random);
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list(signal);
        const startMs = clock.monotonicMs();
        const events = await this.#watch(signal);
        // A server that answers and at once hangs up would be asked in a tight loop otherwise.
        if (events > 0 || clock.monotonicMs() - startMs > BACK_OFF.longestMs) backOff.reset();
        else await clock.sleep(backOff.nextMs(), signal);
      } catch (thrown) {
        if (signal.aborted) return;
        if (hasReason(thrown, "Expired") || hasReason(thrown, "Gone")) {
          this.#log.debug("Watch version expired, listing again", { version: this.#version });
          this.#version = undefined;
        } else {
          this.#log.info("List or watch failed, trying again", { error: toError(thrown) });
        }
        await clock.sleep(backOff.nextMs(), signal).catch(ignoreAbort(signal));
      }
    }
  }

  /** For a kind that is no longer served, after `run` has ended: whoever followed its objects is told that they are gone. */
  forget(): void {
    for (const object of this.#cache.list()) this.#remove(object);
    this.#handlers.clear();
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource } = this.#options;
    const items: T[] = [];
    let version: string | undefined;
    let next: string | undefined;
    do {
      const page = await client.list(resource, {
        ...this.#selection,
        limit: LIST_PAGE_SIZE,
        ...(next === undefined ? {} : { continue: next }),
        signal,
      });
      for (const item of page.items) items.push(this.#keep(item));
      // Later pages show the state of the first one's version.
      version ??= page.metadata.resourceVersion;
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
    this.#replaceAll(items);
    this.#version = version ?? "0";
    if (!this.#hasSynced) {
      this.#hasSynced = true;
      this.#synced.resolve();
    }
  }

  /** The list's difference to the cache, told as changes. */
  #replaceAll(items: readonly T[]): void {
    const present = new Set(items.map((item) => cacheKey(item.metadata)));
    for (const object of this.#cache.list()) {
      const key = cacheKey(object.metadata);
      if (!present.has(key)) this.#remove(object);
    }
    for (const item of items) {
      const known = this.#cache.get(parseCacheKey(cacheKey(item.metadata)));
      // Another object took the name while nobody watched: its owner must hear of both.
      if (known && known.metadata.uid !== item.metadata.uid) this.#remove(known);
      if (known?.metadata.resourceVersion !== item.metadata.resourceVersion) this.#put(item);
    }
  }

  async #watch(signal: AbortSignal): Promise<number> {
    const { client, resource, random } = this.#options;
    let count = 0;
    const events = client.watch(resource, {
      ...this.#selection,
      ...(this.#version === undefined ? {} : { resourceVersion: this.#version }),
      allowWatchBookmarks: true,
      timeoutSeconds: Math.floor(WATCH_SECONDS_MIN * (1 + random.float())),
      signal,
    });
    for await (const { type, object } of events) {
      count++;
      if (type === "ADDED" || type === "MODIFIED") this.#put(this.#keep(object), object.metadata.resourceVersion);
      else if (type === "DELETED") this.#remove(this.#keep(object), object.metadata.resourceVersion);
      this.#version = object.metadata.resourceVersion ?? this.#version;
    }
    return count;
  }

  #put(object: T, version?: string): void {
    const old = this.#cache.put(object);
    if (version !== undefined) this.#version = version;
    this.#announce(old ? { type: "modified", object, old } : { type: "added", object });
  }

  #remove(object: T, version?: string): void {
    const old = this.#cache.remove(parseCacheKey(cacheKey(object.metadata)));
    if (version !== undefined) this.#version = version;
    if (old) this.#announce({ type: "deleted", object });
  }

  #announce(change: CacheChange<T>): void {
    for (const handler of this.#handlers) this.#tell(handler, change);
  }

  /** One handler's defect must not cost the others their change. */
  #tell(handler: ChangeHandler<T>, change: CacheChange<T>): void {
    try {
      handler(change);
    } catch (thrown) {
      this.#log.error("Change handler failed", { error: toError(thrown), type: change.type });
    }
  }
}

/**
 * In place: who owns which field is a third of what an object takes in memory, and no controller reads it. An update that
 * does not mention the list leaves it to the server, as it should.
 */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata;
  // Deleting the field would make the object a slow one.
  if (managedFields) object.metadata = metadata;
  return object;
}

function ignoreAbort(signal: AbortSignal): (thrown: unknown) => void {
  return (thrown) => {
    if (!signal.aborted) throw thrown;
  };
}
