// Pods that want to be near or away from other pods, by topology: hosts with the same value of a label count as one place.

import type { Pod, PodAffinityTerm } from "@atoll/api/generated/types";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import { ownValue } from "@atoll/base/own-value";
import type { ClusterState, HostState } from "./cluster-state.ts";

/** What of the cluster matters to one pod's affinity, found once per attempt and asked once per host. */
export interface AffinityView {
  /** A sentence part for the user, or undefined where the host is fine. */
  refusal(host: HostState): string | undefined;
}

interface Place {
  readonly topologyKey: string;
  readonly values: ReadonlySet<string>;
}

const NO_PLACES: readonly Place[] = [];

export function viewAffinity(pod: Pod, cluster: ClusterState): AffinityView {
  const near = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const away = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const nearPlaces = near.map((term) => placesOf(pod, term, cluster));
  const awayPlaces = away.map((term) => placesOf(pod, term, cluster));
  const exclusivePlaces = placesOfExclusivePods(pod, cluster);
  // The first of a group that wants to be together has nobody to be near to yet.
  const isFirst =
    near.length > 0 &&
    nearPlaces.every(({ values }) => values.size === 0) &&
    near.every((term) => selects(term, pod, pod));
  return {
    refusal(host) {
      if (exclusivePlaces.some((place) => isAt(place, host)))
        return "node(s) didn't satisfy existing pods anti-affinity rules";
      if (awayPlaces.some((place) => isAt(place, host))) return "node(s) didn't match pod anti-affinity rules";
      const hasKeys = near.every(({ topologyKey }) => labelOf(host, topologyKey) !== undefined);
      const isNear = isFirst ? hasKeys : nearPlaces.every((place) => isAt(place, host));
      return isNear ? undefined : "node(s) didn't match pod affinity rules";
    },
  };
}

function placesOf(pod: Pod, term: PodAffinityTerm, cluster: ClusterState): Place {
  const values = new Set<string>();
  for (const host of cluster.hosts) {
    const value = labelOf(host, term.topologyKey);
    if (value === undefined || values.has(value)) continue;
    for (const other of host.pods.values()) {
      if (!selects(term, pod, other.pod)) continue;
      values.add(value);
      break;
    }
  }
  return { topologyKey: term.topologyKey, values };
}

function placesOfExclusivePods(pod: Pod, cluster: ClusterState): readonly Place[] {
  let places: Place[] | undefined;
  for (const { pod: other, hostName } of cluster.exclusivePods) {
    const terms = other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const term of terms) {
      if (!selects(term, other, pod)) continue;
      const host = cluster.host(hostName);
      const value = host && labelOf(host, term.topologyKey);
      if (value === undefined) continue;
      places ??= [];
      places.push({ topologyKey: term.topologyKey, values: new Set([value]) });
    }
  }
  return places ?? NO_PLACES;
}

/** Does `term`, written in `owner`, speak of `other`? Namespaces by name only; an empty namespace selector means all. */
function selects(term: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const namespace = other.metadata.namespace ?? "";
  const isAnyNamespace = term.namespaceSelector !== undefined && Object.keys(term.namespaceSelector).length === 0;
  const namespaces = term.namespaces?.length ? term.namespaces : [owner.metadata.namespace ?? ""];
  if (!isAnyNamespace && !namespaces.includes(namespace)) return false;
  const ownLabels = owner.metadata.labels ?? {};
  const otherLabels = other.metadata.labels ?? {};
  return (
    selectsLabels(term.labelSelector, otherLabels) &&
    (term.matchLabelKeys ?? []).every(
      (key) => !Object.hasOwn(ownLabels, key) || ownLabels[key] === ownValue(otherLabels, key),
    ) &&
    (term.mismatchLabelKeys ?? []).every(
      (key) => !Object.hasOwn(ownLabels, key) || ownLabels[key] !== ownValue(otherLabels, key),
    )
  );
}

function isAt(place: Place, host: HostState): boolean {
  const value = labelOf(host, place.topologyKey);
  return value !== undefined && place.values.has(value);
}

function labelOf(host: HostState, key: string): string | undefined {
  return ownValue(host.node.metadata.labels, key);
}
