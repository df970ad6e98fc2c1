import type { Pod, TopologySpreadConstraint } from "@atoll/api/generated/types";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import { ownValue } from "@atoll/base/own-value";
import type { ClusterState, HostState } from "./cluster-state.ts";
import { matchesNodeAffinity } from "./node-affinity.ts";

export interface SpreadView {
  refusal(host: HostState): string | undefined;
}

/** The constraints a pod must keep (DoNotSchedule): counts per place, found once per attempt. */
export function viewSpread(pod: Pod, cluster: ClusterState): SpreadView {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(
    (constraint) => constraint.whenUnsatisfiable === "DoNotSchedule",
  );
  const views = constraints.map((constraint) => ({ constraint, counts: countPods(pod, constraint, cluster) }));
  return {
    refusal(host) {
      for (const { constraint, counts } of views) {
        const value = ownValue(host.node.metadata.labels, constraint.topologyKey);
        if (value === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
        const own = counts.get(value) ?? 0;
        const joins = selectsLabels(constraint.labelSelector, pod.metadata.labels) ? 1 : 0;
        const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
        if (own + joins - least > constraint.maxSkew) return "node(s) didn't match pod topology spread constraints";
      }
      return undefined;
    },
  };
}

function countPods(pod: Pod, constraint: TopologySpreadConstraint, cluster: ClusterState): Map<string, number> {
  const ownLabels = pod.metadata.labels ?? {};
  const counts = new Map<string, number>();
  for (const host of cluster.hosts) {
    const value = ownValue(host.node.metadata.labels, constraint.topologyKey);
    if (value === undefined) continue;
    // Places the pod could not go to anyway do not count, unless the constraint says so.
    if (constraint.nodeAffinityPolicy !== "Ignore" && !matchesNodeAffinity(pod, host.node)) continue;
    let count = counts.get(value) ?? 0;
    for (const { pod: other } of host.pods.values()) {
      const isCounted =
        other.metadata.namespace === pod.metadata.namespace &&
        other.metadata.deletionTimestamp === undefined &&
        selectsLabels(constraint.labelSelector, other.metadata.labels) &&
        (constraint.matchLabelKeys ?? []).every(
          (key) => ownValue(ownLabels, key) === ownValue(other.metadata.labels, key),
        );
      if (isCounted) count++;
    }
    counts.set(value, count);
  }
  return counts;
}
