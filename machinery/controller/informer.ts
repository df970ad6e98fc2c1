import type { KubeObject } from "@atoll/api/resource";
import type { ObjectName } from "../client/client.ts";

/** Reads one kind from an informer's cache. Objects are shared: never change them. */
export interface Lister<T extends KubeObject> {
  get(name: ObjectName): T | undefined;
  list(namespace?: string): readonly T[];
  /** Objects whose controlling or other owner has this UID. */
  ownedBy(uid: string): readonly T[];
}
