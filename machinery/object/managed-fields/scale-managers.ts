// Owners of `spec.replicas` as seen through `scale`, where it is the only field, and back. Whoever sets it through `scale`
// owns it in the object itself under an entry of the subresource.

import { differenceOf, type FieldSet, hasPath, setOf } from "./field-set.ts";
import { type Manager, type Managers, withoutIdle } from "./managers.ts";

const SCALE_VERSION = "autoscaling/v1";
/** The same path in both, for all kinds that have `scale`. */
const REPLICAS_PATH = ["f:spec", "f:replicas"];
const REPLICAS: FieldSet = setOf([REPLICAS_PATH]);

export function managersOfScale(parent: Managers): Managers {
  const owners = [...parent].filter(([, { fields }]) => hasPath(fields, REPLICAS_PATH));
  return new Map(owners.map(([key, manager]) => [key, { ...manager, apiVersion: SCALE_VERSION, fields: REPLICAS }]));
}

/** `after` is what became of `managersOfScale` of the same parent. */
export function managersOfParent(parent: Managers, after: Managers, parentVersion: string): Managers {
  const owners = new Map([...after].filter(([, { fields }]) => hasPath(fields, REPLICAS_PATH)));
  const managers = new Map<string, Manager>();
  for (const [key, manager] of parent) {
    const isKept = owners.delete(key) || !hasPath(manager.fields, REPLICAS_PATH);
    managers.set(key, isKept ? manager : { ...manager, fields: differenceOf(manager.fields, REPLICAS) });
  }
  for (const [key, manager] of owners) {
    managers.set(key, { ...manager, apiVersion: parentVersion, fields: REPLICAS });
  }
  return withoutIdle(managers);
}
