// What an informer knows: the objects of one kind, findable by name, namespace, owner and any index asked for. It changes
// only by `put` and `remove`; readers share the objects and must not change them.

import type { KubeObject } from "@atoll/api/resource";
import type { ObjectName } from "../client/client.ts";
import type { CacheIndex, Lister } from "./informer.ts";

type Buckets<T> = Map<string, Map<string, T>>;

const byOwner: CacheIndex<KubeObject> = {
  name: "owner",
  valuesOf: (object) => object.metadata.ownerReferences?.map((reference) => reference.uid) ?? [],
};

const byNamespace: CacheIndex<KubeObject> = {
  name: "namespace",
  valuesOf: (object) => (object.metadata.namespace === undefined ? [] : [object.metadata.namespace]),
};

export class ObjectCache<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<CacheIndex<T>, Buckets<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get(name: ObjectName): T | undefined {
    return this.#objects.get(cacheKey(name));
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.indexed(byNamespace, namespace);
  }

  ownedBy(uid: string): readonly T[] {
    return this.indexed(byOwner, uid);
  }

  indexed(index: CacheIndex<T>, value: string): readonly T[] {
    const bucket = this.#buckets(index).get(value);
    return bucket ? [...bucket.values()] : [];
  }

  /** Gives back what was there before. */
  put(object: T): T | undefined {
    const key = cacheKey(object.metadata);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const [index, buckets] of this.#indexes) {
      if (old) removeFrom(buckets, index.valuesOf(old), key);
      addTo(buckets, index.valuesOf(object), key, object);
    }
    return old;
  }

  remove(name: ObjectName): T | undefined {
    const key = cacheKey(name);
    const old = this.#objects.get(key);
    if (!old) return undefined;
    this.#objects.delete(key);
    for (const [index, buckets] of this.#indexes) removeFrom(buckets, index.valuesOf(old), key);
    return old;
  }

  #buckets(index: CacheIndex<T>): Buckets<T> {
    const existing = this.#indexes.get(index);
    if (existing) return existing;
    const buckets: Buckets<T> = new Map();
    for (const [key, object] of this.#objects) addTo(buckets, index.valuesOf(object), key, object);
    this.#indexes.set(index, buckets);
    return buckets;
  }
}

/** "namespace/name", or the name alone for cluster-scoped objects. */
export function cacheKey(name: { readonly name?: string; readonly namespace?: string | undefined }): string {
  return name.namespace ? `${name.namespace}/${name.name ?? ""}` : (name.name ?? "");
}

/** The other way round; names hold no slash. */
export function parseCacheKey(key: string): ObjectName {
  const slash = key.indexOf("/");
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

function addTo<T>(buckets: Buckets<T>, values: readonly string[], key: string, object: T): void {
  for (const value of values) {
    const bucket = buckets.get(value);
    if (bucket) bucket.set(key, object);
    else buckets.set(value, new Map([[key, object]]));
  }
}

function removeFrom<T>(buckets: Buckets<T>, values: readonly string[], key: string): void {
  for (const value of values) {
    const bucket = buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) buckets.delete(value);
  }
}
