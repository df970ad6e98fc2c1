import type { Namespace } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import type { ObjectName } from "@atoll/machinery/client/client";

/** True while things may still be made in it. */
export function isNamespaceActive(namespace: Namespace | undefined): boolean {
  return namespace !== undefined && namespace.metadata.deletionTimestamp === undefined;
}

/** For controllers that keep one object of a fixed name in each namespace: that object wakes its namespace, others nobody. */
export function namespaceOf(name: string): (object: KubeObject) => ObjectName[] {
  return ({ metadata }) => (metadata.name === name ? [{ name: metadata.namespace ?? "" }] : []);
}
