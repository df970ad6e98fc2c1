// Keeps an index of one kind's objects true without a task of its own: whoever is about to use the index pulls what has
// changed since, at once and in order. An index that nobody asks costs nothing, one that is asked is never behind the cache.

import type { KubeObject, Resource } from "@atoll/api/resource";
import { StoreError } from "../../store/store.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { ResourceTable } from "./resource-table.ts";
import type { StoredObject } from "./stored-object.ts";

export interface ObjectIndex<T extends KubeObject> {
  /** Everything known is void; all objects follow as `add`. */
  clear(): void;
  add(object: T): void;
  remove(object: T): void;
}

export class ObjectFollower<T extends KubeObject> {
  readonly #store: ResourceStore;
  readonly #index: ObjectIndex<T>;
  /** 0: nothing has been read yet. */
  #revision = 0;

  constructor(resources: ResourceTable, resource: Resource<T>, index: ObjectIndex<T>) {
    this.#store = resources.of(resource);
    this.#index = index;
  }

  /** Brings the index up to what the cache shows. */
  pull(): void {
    // Asked at every request, whatever its kind; most kinds have not changed since the last one.
    if (this.#revision >= this.#store.changedAt || !this.#store.isReady) return;
    if (this.#revision === 0) this.#readAll();
    else this.#readEvents();
  }

  /** As `pull`, after the cache has caught up with every write that was acknowledged before. */
  async pullNewest(): Promise<void> {
    await this.#store.catchUp();
    this.pull();
  }

  #readEvents(): void {
    try {
      while (this.#revision < this.#store.changedAt) {
        const { events, revision } = this.#store.readAfter(this.#revision);
        for (const { type, item, previous } of events) {
          if (previous) this.#change("remove", previous.decoded);
          if (type === "put") this.#change("add", item.decoded);
        }
        this.#revision = revision;
      }
    } catch (error) {
      // So much has happened since that the cache no longer has all of it.
      if (!(error instanceof StoreError)) throw error;
      this.#readAll();
    }
  }

  #readAll(): void {
    this.#index.clear();
    const { items, revision } = this.#store.rangeCached(this.#store.rangeOf(""), 0);
    for (const item of items) this.#change("add", item);
    this.#revision = revision;
  }

  #change(change: "add" | "remove", stored: StoredObject): void {
    // A damaged object is in no index; whoever reads it is told so.
    if (!stored.isReadable) return;
    this.#index[change](stored.object as T); // the store holds this kind only
  }
}
