// One decision: the host for a pod, or why there is none. Pure but for the tie-break's randomness.

import type { Pod } from "@atoll/api/generated/types";
import type { Random } from "@atoll/base/random";
import type { ClusterState, HostState } from "./cluster-state.ts";
import { type FilterInput, refusalsOf } from "./filters.ts";
import { viewAffinity } from "./pod-affinity.ts";
import { assumedRequests, podRequests } from "./pod-requests.ts";
import { scoreOf } from "./scores.ts";
import { viewSpread } from "./topology-spread.ts";
import { volumeRefusal } from "./volume-refusal.ts";

export type Placement =
  | { readonly type: "placed"; readonly hostName: string; readonly score: number }
  /** `message` is for the user, "0/3 nodes are available: 3 Insufficient cpu." */
  | { readonly type: "unschedulable"; readonly message: string };

export function placePod(pod: Pod, cluster: ClusterState, random: Random): Placement {
  const { hosts } = cluster;
  if (hosts.length === 0) return { type: "unschedulable", message: "no nodes available to schedule pods" };
  const refusal = volumeRefusal(pod);
  if (refusal !== undefined) {
    return { type: "unschedulable", message: `0/${hosts.length} nodes are available: ${refusal}.` };
  }
  const requests = podRequests(pod);
  const input: FilterInput = {
    pod,
    requests,
    affinity: viewAffinity(pod, cluster),
    spread: viewSpread(pod, cluster),
  };
  const counts = new Map<string, number>();
  const feasible: HostState[] = [];
  for (const host of hosts) {
    const reasons = refusalsOf(input, host);
    if (reasons.length === 0) feasible.push(host);
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  if (feasible.length === 0) return { type: "unschedulable", message: summary(hosts.length, counts) };
  return best(feasible, { pod, assumed: assumedRequests(pod, requests) }, random);
}

function best(hosts: readonly HostState[], input: Parameters<typeof scoreOf>[0], random: Random): Placement {
  let winners: string[] = [];
  let highest = -1;
  for (const host of hosts) {
    const score = scoreOf(input, host);
    if (score < highest) continue;
    if (score > highest) winners = [];
    highest = score;
    winners.push(host.node.metadata.name ?? "");
  }
  const hostName = winners[Math.floor(random.float() * winners.length)] ?? "";
  return { type: "placed", hostName, score: highest };
}

/** Upstream's sentence: how many hosts each reason ruled out, the reasons in the order of the alphabet. */
function summary(hosts: number, counts: ReadonlyMap<string, number>): string {
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${hosts} nodes are available: ${parts.join(", ")}.`;
}
