// Where each kind's objects stand in the store: upstream's own layout, so that tools that read it find what they know.

import type { Resource } from "@atoll/api/resource";

const ROOT = "/registry";

/** Built-in kinds whose place is not simply their plural, by "group/plural". */
const IRREGULAR_PLACES: ReadonlyMap<string, string> = new Map([
  ["/nodes", "minions"],
  ["/services", "services/specs"],
  ["/endpoints", "services/endpoints"],
  ["/replicationcontrollers", "controllers"],
  ["networking.k8s.io/ingresses", "ingress"],
  // Kinds that Kubernetes serves from a library of its own, which keeps them under their group.
  ["apiextensions.k8s.io/customresourcedefinitions", "apiextensions.k8s.io/customresourcedefinitions"],
  ["apiregistration.k8s.io/apiservices", "apiregistration.k8s.io/apiservices"],
]);

/** Groups that Kubernetes itself serves and that keep their objects under the bare plural. */
const BARE_GROUPS: ReadonlySet<string> = new Set(["", "apps", "batch", "autoscaling", "policy"]);

/** "/registry/pods/": every object of the kind has a key that starts so. */
export function storagePrefix(resource: Pick<Resource, "group" | "plural">): string {
  const { group, plural } = resource;
  const irregular = IRREGULAR_PLACES.get(`${group}/${plural}`);
  if (irregular) return `${ROOT}/${irregular}/`;
  const isBare = BARE_GROUPS.has(group) || group.endsWith(".k8s.io");
  return isBare ? `${ROOT}/${plural}/` : `${ROOT}/${group}/${plural}/`;
}

/** The key of one object; `namespace` is "" for cluster-scoped kinds. */
export function storageKey(prefix: string, namespace: string, name: string): string {
  return namespace === "" ? `${prefix}${name}` : `${prefix}${namespace}/${name}`;
}

/** Where custom resources stand: always below their group, so that they meet no built-in kind. */
export function customStoragePrefix({ group, plural }: Pick<Resource, "group" | "plural">): string {
  return `${ROOT}/${group}/${plural}/`;
}
