// What rules a host out for a pod, as a list of pure functions. Each gives the reasons in upstream's words, since people
// and tools search for them; the first function that finds any ends the questioning of that host.

import type { Pod } from "@atoll/api/generated/types";
import type { HostState } from "./cluster-state.ts";
import { matchesNodeAffinity } from "./node-affinity.ts";
import type { AffinityView } from "./pod-affinity.ts";
import type { Amounts } from "./pod-requests.ts";
import { isTolerated } from "./tolerations.ts";
import type { SpreadView } from "./topology-spread.ts";

export interface FilterInput {
  readonly pod: Pod;
  readonly requests: Amounts;
  readonly affinity: AffinityView;
  readonly spread: SpreadView;
}

type Filter = (input: FilterInput, host: HostState) => readonly string[];

const FINE: readonly string[] = [];

const isSchedulable: Filter = ({ pod }, { node }) => {
  const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  return node.spec.unschedulable && !isTolerated(pod, taint) ? ["node(s) were unschedulable"] : FINE;
};

/** The taint for it comes a moment later, from the node lifecycle controller. */
const isReady: Filter = ({ pod }, { node }) => {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
  return ready?.status === "True" || isTolerated(pod, taint) ? FINE : ["node(s) were not ready"];
};

const hasOnlyToleratedTaints: Filter = ({ pod }, { node }) => {
  const taint = node.spec.taints?.find(
    (candidate) => candidate.effect !== "PreferNoSchedule" && !isTolerated(pod, candidate),
  );
  return taint ? [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`] : FINE;
};

const isSelected: Filter = ({ pod }, { node }) =>
  matchesNodeAffinity(pod, node) ? FINE : ["node(s) didn't match Pod's node affinity/selector"];

const hasRoom: Filter = ({ requests }, host) => {
  const reasons: string[] = [];
  if (host.pods.size + 1 > (host.allocatable.get("pods") ?? 0)) reasons.push("Too many pods");
  for (const [resource, amount] of requests) {
    if (amount === 0) continue;
    const free = (host.allocatable.get(resource) ?? 0) - (host.requested.get(resource) ?? 0);
    if (amount > free) reasons.push(`Insufficient ${resource}`);
  }
  return reasons;
};

const isNearOthers: Filter = ({ affinity }, host) => asList(affinity.refusal(host));
const isSpread: Filter = ({ spread }, host) => asList(spread.refusal(host));

/** Cheap ones first. */
const FILTERS: readonly Filter[] = [
  isSchedulable,
  isReady,
  hasOnlyToleratedTaints,
  isSelected,
  hasRoom,
  isSpread,
  isNearOthers,
];

export function refusalsOf(input: FilterInput, host: HostState): readonly string[] {
  for (const filter of FILTERS) {
    const reasons = filter(input, host);
    if (reasons.length > 0) return reasons;
  }
  return FINE;
}

function asList(reason: string | undefined): readonly string[] {
  return reason === undefined ? FINE : [reason];
}
