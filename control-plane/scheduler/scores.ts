// How well a host that passed the filters suits a pod: each function gives 0 to 100, the weighted mean is the host's score.

import type { Pod } from "@atoll/api/generated/types";
import type { HostState } from "./cluster-state.ts";
import { preferredNodeWeight } from "./node-affinity.ts";
import { isTolerated } from "./tolerations.ts";

export interface ScoreInput {
  readonly pod: Pod;
  readonly assumed: { readonly cpu: number; readonly memory: number };
}

type Score = (input: ScoreInput, host: HostState) => number;

const SCORE_MAX = 100;

/** Images below the first size are not worth a detour, above the second nothing gets better. Upstream's bounds. */
const IMAGE_BYTES_MIN = 23 * 1024 * 1024;
const IMAGE_BYTES_MAX = 1000 * 1024 * 1024;

const leastAllocated: Score = (input, host) => {
  const { cpu, memory } = usedShares(input, host);
  return ((1 - cpu + (1 - memory)) / 2) * SCORE_MAX;
};

/** A host whose CPU is full while memory is free wastes the memory. */
const balancedAllocation: Score = (input, host) => {
  const { cpu, memory } = usedShares(input, host);
  return (1 - Math.abs(cpu - memory) / 2) * SCORE_MAX;
};

const imageLocality: Score = ({ pod }, { node }) => {
  const present = node.status?.images ?? [];
  const wanted = new Set(pod.spec.containers.map(({ image }) => image ?? ""));
  let bytes = 0;
  for (const image of present) {
    if (image.names?.some((name) => wanted.has(name))) bytes += image.sizeBytes ?? 0;
  }
  const limit = IMAGE_BYTES_MAX * wanted.size;
  return (Math.max(0, Math.min(bytes, limit) - IMAGE_BYTES_MIN) / (limit - IMAGE_BYTES_MIN)) * SCORE_MAX;
};

/** Weights go from 1 to 100 per term; a host that meets more than a hundred's worth is good enough. */
const preferredAffinity: Score = ({ pod }, { node }) =>
  Math.min(SCORE_MAX, Math.max(0, preferredNodeWeight(pod, node)));

const avoidedTaints: Score = ({ pod }, { node }) => {
  const avoided = (node.spec.taints ?? []).filter(
    (taint) => taint.effect === "PreferNoSchedule" && !isTolerated(pod, taint),
  );
  return SCORE_MAX / (1 + avoided.length);
};

const SCORES: readonly { readonly score: Score; readonly weight: number }[] = [
  { score: leastAllocated, weight: 1 },
  { score: balancedAllocation, weight: 1 },
  { score: imageLocality, weight: 1 },
  { score: preferredAffinity, weight: 2 },
  { score: avoidedTaints, weight: 3 },
];

const WEIGHT_TOTAL = SCORES.reduce((total, { weight }) => total + weight, 0);

export function scoreOf(input: ScoreInput, host: HostState): number {
  const total = SCORES.reduce((sum, { score, weight }) => sum + weight * score(input, host), 0);
  return Math.round(total / WEIGHT_TOTAL);
}

function usedShares(input: ScoreInput, host: HostState): { readonly cpu: number; readonly memory: number } {
  const share = (used: number, all: number) => (all <= 0 ? 1 : Math.min(1, used / all));
  return {
    cpu: share(host.assumed.cpu + input.assumed.cpu, host.allocatable.get("cpu") ?? 0),
    memory: share(host.assumed.memory + input.assumed.memory, host.allocatable.get("memory") ?? 0),
  };
}
