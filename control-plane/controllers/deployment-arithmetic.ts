// The numbers of a rollout, as pure functions: how many pods more or less than wanted there may be, and which ReplicaSet
// gives or takes how many.

import type { Deployment, IntOrString, ReplicaSet } from "@atoll/api/generated/types";

export const DESIRED_ANNOTATION = "deployment.kubernetes.io/desired-replicas";
export const MAX_ANNOTATION = "deployment.kubernetes.io/max-replicas";

const PERCENT_DEFAULT = "25%";

export interface RolloutBounds {
  readonly desired: number;
  /** Pods above the desired number that may exist. */
  readonly surge: number;
  /** Pods below the desired number that may be available. */
  readonly unavailable: number;
}

export function boundsOf(deployment: Deployment): RolloutBounds {
  const desired = desiredReplicas(deployment);
  if (deployment.spec.strategy?.type === "Recreate") return { desired, surge: 0, unavailable: 0 };
  const { maxSurge = PERCENT_DEFAULT, maxUnavailable = PERCENT_DEFAULT } =
    deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = resolveShare(maxSurge, desired, Math.ceil);
  const unavailable = resolveShare(maxUnavailable, desired, Math.floor);
  // Both 0 could never move; validation refuses that as numbers, rounding can still produce it.
  return { desired, surge, unavailable: Math.min(desired, surge === 0 && unavailable === 0 ? 1 : unavailable) };
}

export function desiredReplicas(deployment: Deployment): number {
  return deployment.spec.replicas ?? 1;
}

function resolveShare(value: IntOrString, total: number, round: (share: number) => number): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}

export function replicasOf(set: ReplicaSet): number {
  return set.spec.replicas ?? 1;
}

export function totalReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((total, set) => total + replicasOf(set), 0);
}

export function totalAvailable(sets: readonly ReplicaSet[]): number {
  return sets.reduce((total, set) => total + (set.status?.availableReplicas ?? 0), 0);
}

/** How large the new ReplicaSet may be now, when `others` exist beside it. */
export function newReplicaSetSize(
  bounds: RolloutBounds,
  isRolling: boolean,
  current: number,
  all: readonly ReplicaSet[],
): number {
  if (!isRolling) return bounds.desired;
  const room = bounds.desired + bounds.surge - totalReplicas(all);
  if (room <= 0) return current;
  return current + Math.min(room, bounds.desired - current);
}

export type Sizes = ReadonlyMap<ReplicaSet, number>;

/**
 * New sizes of old ReplicaSets in a rolling update: first those pods go that do not work anyway, then as many as leave
 * enough available. `oldSets` oldest first.
 */
export function shrinkOld(
  bounds: RolloutBounds,
  oldSets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): Sizes {
  const sizes = new Map<ReplicaSet, number>();
  const all = newSet ? [...oldSets, newSet] : oldSets;
  const minAvailable = bounds.desired - bounds.unavailable;
  const newUnavailable = newSet ? replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0) : 0;
  let mayGo = totalReplicas(all) - minAvailable - newUnavailable;
  if (mayGo <= 0) return sizes;
  for (const set of oldSets) {
    const broken = Math.min(mayGo, Math.max(0, replicasOf(set) - (set.status?.availableReplicas ?? 0)));
    if (broken === 0) continue;
    sizes.set(set, replicasOf(set) - broken);
    mayGo -= broken;
  }
  let spare = totalAvailable(all) - minAvailable;
  for (const set of oldSets) {
    if (spare <= 0) break;
    const size = sizes.get(set) ?? replicasOf(set);
    const fewer = Math.min(size, spare);
    if (fewer === 0) continue;
    sizes.set(set, size - fewer);
    spare -= fewer;
  }
  return sizes;
}

/** True when the Deployment was scaled since its ReplicaSets were last sized. */
export function isScaled(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    const desired = annotationNumber(set, DESIRED_ANNOTATION);
    return replicasOf(set) > 0 && desired !== undefined && desired !== desiredReplicas(deployment);
  });
}

/** New sizes after a scaling in the middle of a rollout: every active ReplicaSet keeps its share. */
export function shareOut(deployment: Deployment, bounds: RolloutBounds, sets: readonly ReplicaSet[]): Sizes {
  const active = sets.filter((set) => replicasOf(set) > 0);
  const total = totalReplicas(active);
  const allowed = bounds.desired > 0 ? bounds.desired + bounds.surge : 0;
  const toAdd = allowed - total;
  // Growing favours the larger and newer, shrinking the larger and older.
  const ordered = active.toSorted(
    (left, right) =>
      replicasOf(right) - replicasOf(left) || (toAdd > 0 ? compareAge(right, left) : compareAge(left, right)),
  );
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of ordered) {
    const share = toAdd === 0 ? 0 : proportion(deployment, bounds, set, toAdd, added);
    sizes.set(set, replicasOf(set) + share);
    added += share;
  }
  const [first] = ordered;
  // Rounding leaves a rest; the first one takes it.
  if (first) sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added));
  return sizes;
}

function proportion(
  deployment: Deployment,
  bounds: RolloutBounds,
  set: ReplicaSet,
  toAdd: number,
  added: number,
): number {
  const rest = toAdd - added;
  const size = replicasOf(set);
  const former = annotationNumber(set, MAX_ANNOTATION) || deployment.status?.replicas || size;
  const share = bounds.desired === 0 ? -size : Math.round((size * (bounds.desired + bounds.surge)) / former) - size;
  return toAdd > 0 ? Math.min(share, rest) : Math.max(share, rest);
}

function compareAge(left: ReplicaSet, right: ReplicaSet): number {
  const leftTime = left.metadata.creationTimestamp ?? "";
  const rightTime = right.metadata.creationTimestamp ?? "";
  return leftTime < rightTime ? -1 : leftTime > rightTime ? 1 : 0;
}

function annotationNumber(set: ReplicaSet, name: string): number | undefined {
  const text = set.metadata.annotations?.[name];
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
