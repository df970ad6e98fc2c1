// Owners of an object's number of replicas as seen through `scale`, where it is `spec.replicas` and the only field, and back.
// Whoever sets it through `scale` owns it in the object itself under an entry of the subresource.
//
// As upstream, an updater is another one as soon as its entry speaks of another version. So whoever updated the number in the
// object itself owns it after any write of the scale in a second entry of the same name, without a time.

import { differenceOf, type FieldSet, hasPath, isEmptySet, setOf } from "./field-set.ts";
import { type Manager, managerKey, type Managers } from "./managers.ts";
import type { PathElement } from "./path-element.ts";

const SCALE_VERSION = "autoscaling/v1";
const PATH_IN_SCALE: readonly PathElement[] = ["f:spec", "f:replicas"];
const REPLICAS_IN_SCALE: FieldSet = setOf([PATH_IN_SCALE]);

/** By the versions of the object: where its number stands. Undefined where a version has no `scale`. */
export type ReplicasPaths = ReadonlyMap<string, readonly PathElement[] | undefined>;

export function managersOfScale(parent: Managers, paths: ReplicasPaths): Managers {
  const managers = new Map<string, Manager>();
  for (const manager of parent.values()) {
    const path = paths.get(manager.apiVersion);
    if (!path || !hasPath(manager.fields, path)) continue;
    const seen: Manager = { ...manager, apiVersion: SCALE_VERSION, fields: REPLICAS_IN_SCALE };
    managers.set(managerKey(seen), seen);
  }
  return managers;
}

/** `after` is what became of `managersOfScale` of the same parent; `version` is the parent's that was written. */
export function managersOfParent(
  parent: Managers,
  after: Managers,
  { paths, version }: { readonly paths: ReplicasPaths; readonly version: string },
): Managers {
  const owners = new Map(after);
  const managers = new Map<string, Manager>();
  for (const [key, manager] of parent) {
    // Nobody can say what was meant by a version that there is no more.
    if (!paths.has(manager.apiVersion)) continue;
    const path = paths.get(manager.apiVersion);
    if (!path || !hasPath(manager.fields, path) || owners.delete(key)) {
      managers.set(key, manager);
      continue;
    }
    const fields = differenceOf(manager.fields, setOf([path]));
    if (!isEmptySet(fields)) managers.set(key, { ...manager, fields });
  }
  const own = paths.get(version);
  for (const [key, manager] of owners) {
    if (!own || !hasPath(manager.fields, PATH_IN_SCALE)) continue;
    managers.set(key, { ...manager, apiVersion: version, time: parent.get(key)?.time ?? "", fields: setOf([own]) });
  }
  return managers;
}
