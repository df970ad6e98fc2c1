// Test support: some kinds' objects on a store of their own, without a server around them.

import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { StoreFeed } from "../store/watch-cache/store-feed.ts";
import { ResourceStore } from "./registry/resource-store.ts";
import { ResourceTable } from "./registry/resource-table.ts";

export class TestResources implements AsyncDisposable {
  readonly table: ResourceTable;
  readonly #store = new MemoryStore(systemClock);
  readonly #end = new AbortController();
  readonly #running: readonly Promise<void>[];

  private constructor(kinds: readonly KindDefinition[]) {
    const world = { store: this.#store, clock: systemClock, log: silentLogger };
    const feed = new StoreFeed(world);
    const made = { ...world, feed, encryption: undefined };
    this.table = new ResourceTable(kinds.map((kind) => new ResourceStore({ ...made, kind })));
    this.#running = [feed, ...this.table.all()].map((part) => part.run(this.#end.signal));
  }

  static async start(kinds: readonly KindDefinition[]): Promise<TestResources> {
    const resources = new TestResources(kinds);
    await Promise.all(resources.table.all().map((store) => store.waitUntilReady(AbortSignal.timeout(10_000))));
    return resources;
  }

  /** Makes the object be as given, unchecked. */
  async put<T extends KubeObject>(resource: Resource<T>, object: T): Promise<void> {
    const store = this.table.of(resource);
    const key = store.keyOf(object.metadata.namespace ?? "", object.metadata.name ?? "");
    if (!(await store.create(key, object))) await store.change(key, () => ({ type: "put", object }));
  }

  async remove(resource: Resource, namespace: string, name: string): Promise<void> {
    const store = this.table.of(resource);
    await store.change(store.keyOf(namespace, name), () => ({ type: "delete" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#running);
    await this.#store[Symbol.asyncDispose]();
  }
}
