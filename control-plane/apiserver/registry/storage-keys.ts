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
  ["policy/podsecuritypolicies", "podsecuritypolicy"],
  // Kept apart from core Events, which have other fields, until the two are converted into each other.
  ["events.k8s.io/events", "events.k8s.io/events"],
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
