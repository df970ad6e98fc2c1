// Read your own writes. A controller that creates children decides from its cache; run again before the cache has seen
// the children it just made, it would make them twice. Counting expected events (as upstream long did) leaks when one is
// missed; we note what was written and let a key run only when the cache has seen it: versions for writes, absence or a
// deletion timestamp for deletes.

import { type KubeObject, type Resource, qualifiedPlural } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import type { CallOptions, Client, DeleteOptions, ObjectName, Patch } from "../client/client.ts";
import { hasReason } from "../object/api-error.ts";
import type { SharedInformer } from "./shared-informer.ts";

/** After this long a missing echo is the API's fault; going on blind beats standing still. Upstream's limit. */
const ECHO_TIMEOUT_MS = 5 * 60_000;

type Informer = SharedInformer<KubeObject>;

interface Expectation {
  readonly sinceMs: number;
  readonly versions: Map<Informer, number>;
  readonly deletions: { readonly informer: Informer; readonly name: ObjectName; readonly uid: string | undefined }[];
}

export class WriteGuard {
  readonly #clock: Clock;
  readonly #informerOf: (resource: Resource) => Informer | undefined;
  readonly #expectations = new Map<string, Expectation>();

  /** `informerOf` answers undefined for kinds the controller does not watch: it cannot read them back anyway. */
  constructor(clock: Clock, informerOf: (resource: Resource) => Informer | undefined) {
    this.#clock = clock;
    this.#informerOf = informerOf;
  }

  /** True when the cache holds everything that was written on behalf of `key`. */
  isSatisfied(key: string): boolean {
    const expectation = this.#expectations.get(key);
    if (!expectation) return true;
    const isSeen =
      [...expectation.versions].every(([informer, version]) => Number(informer.version ?? 0) >= version) &&
      expectation.deletions.every(({ informer, name, uid }) => {
        const object = informer.lister.get(name);
        return !object || object.metadata.uid !== uid || object.metadata.deletionTimestamp !== undefined;
      });
    const isOverdue = this.#clock.monotonicMs() - expectation.sinceMs > ECHO_TIMEOUT_MS;
    if (isSeen || isOverdue) this.#expectations.delete(key);
    return isSeen || isOverdue;
  }

  /** `client`, with every write noted for `key`. */
  recording(client: Client, key: string): Client {
    return new RecordingClient(client, {
      written: (resource, object) => this.#noteWrite(key, resource, object),
      deleted: (resource, name) => this.#noteDelete(key, resource, name),
    });
  }

  #noteWrite(key: string, resource: Resource, object: KubeObject): void {
    const informer = this.#informerOf(resource);
    // A subresource's answer (a Status for a binding) has no version: nothing to wait for.
    const version = Number(object.metadata?.resourceVersion ?? Number.NaN);
    if (!informer || Number.isNaN(version)) return;
    const { versions } = this.#of(key);
    versions.set(informer, Math.max(version, versions.get(informer) ?? 0));
  }

  #noteDelete(key: string, resource: Resource, name: ObjectName): void {
    const informer = this.#informerOf(resource);
    const object = informer?.lister.get(name);
    if (informer && object) this.#of(key).deletions.push({ informer, name, uid: object.metadata.uid });
  }

  #of(key: string): Expectation {
    let expectation = this.#expectations.get(key);
    if (!expectation) {
      expectation = { sinceMs: this.#clock.monotonicMs(), versions: new Map(), deletions: [] };
      this.#expectations.set(key, expectation);
    }
    return expectation;
  }
}

interface WriteListener {
  written(resource: Resource, object: KubeObject): void;
  deleted(resource: Resource, name: ObjectName): void;
}

class RecordingClient implements Client {
  readonly #client: Client;
  readonly #listener: WriteListener;
  readonly get: Client["get"];
  readonly list: Client["list"];
  readonly watch: Client["watch"];
  readonly discover: Client["discover"];
  /** Not noted: who empties a collection asks the API what is left. */
  readonly deleteCollection: Client["deleteCollection"];

  constructor(client: Client, listener: WriteListener) {
    this.#client = client;
    this.#listener = listener;
    this.get = client.get.bind(client);
    this.list = client.list.bind(client);
    this.watch = client.watch.bind(client);
    this.discover = client.discover.bind(client);
    this.deleteCollection = client.deleteCollection.bind(client);
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: CallOptions & Partial<ObjectName>,
  ): Promise<T> {
    return this.#noted(resource, await this.#client.create(resource, object, options));
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options?: CallOptions): Promise<T> {
    return this.#noted(resource, await this.#client.update(resource, object, options));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: Patch,
    options?: CallOptions,
  ): Promise<T> {
    return this.#noted(resource, await this.#client.patch(resource, name, patch, options));
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    options?: DeleteOptions & CallOptions,
  ): Promise<void> {
    try {
      await this.#client.delete(resource, name, options);
    } catch (thrown) {
      // Gone already: then the cache is behind, and the echo of somebody else's delete is still to come.
      if (hasReason(thrown, "NotFound")) this.#listener.deleted(resource, name);
      throw thrown;
    }
    this.#listener.deleted(resource, name);
  }

  #noted<T extends KubeObject>(resource: Resource<T>, object: T): T {
    this.#listener.written(resource, object);
    return object;
  }
}

/** How informers are found by kind: the same resource may be written down twice. */
export function resourceKey(resource: Resource): string {
  return `${qualifiedPlural(resource)}/${resource.version}`;
}
