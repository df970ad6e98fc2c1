import type { KubeObject } from "@atoll/api/resource";
import type { ObjectName } from "../client/client.ts";

/**
 * A way to find objects without looking at all of them. Kept by identity: declare it once, as a constant of a module. It
 * is built at its first use and kept up to date from then on.
 */
export interface CacheIndex<T extends KubeObject> {
  /** For messages and debugging only. */
  readonly name: string;
  /** The values under which the object is found; none: it is not in this index. Must be pure. */
  readonly valuesOf: (object: T) => readonly string[];
}

/** Reads one kind from an informer's cache. Objects are shared: never change them. */
export interface Lister<T extends KubeObject> {
  get(name: ObjectName): T | undefined;
  list(namespace?: string): readonly T[];
  /** Objects whose controlling or other owner has this UID. */
  ownedBy(uid: string): readonly T[];
  indexed(index: CacheIndex<T>, value: string): readonly T[];
}
