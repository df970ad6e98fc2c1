// What a Deployment says of itself: counts, and the conditions Available, Progressing and ReplicaFailure.

import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";
import { type Condition, withCondition, withoutCondition } from "./condition.ts";
import { boundsOf, desiredReplicas, totalAvailable, totalReplicas } from "./deployment-arithmetic.ts";

/** Upstream's word for "no deadline": the largest 32-bit number. */
const NO_DEADLINE_SECONDS = 2_147_483_647;
const DEADLINE_DEFAULT_SECONDS = 600;

export interface RolloutView {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: readonly ReplicaSet[];
  readonly nowMs: number;
  /** A name was taken by a ReplicaSet of another template. */
  readonly hasCollided?: boolean;
  /** The new ReplicaSet was made just now: a new rollout and its deadline begin. */
  readonly hasCreated?: boolean;
  /** Why the new ReplicaSet could not be made. */
  readonly createFailure?: string | undefined;
}

export function deploymentStatus(view: RolloutView): DeploymentStatus {
  const { deployment, newSet, oldSets, nowMs } = view;
  const sets = newSet ? [...oldSets, newSet] : oldSets;
  const available = totalAvailable(sets);
  const sum = (count: (set: ReplicaSet) => number | undefined) =>
    sets.reduce((total, set) => total + (count(set) ?? 0), 0);
  const collisionCount = (deployment.status?.collisionCount ?? 0) + (view.hasCollided ? 1 : 0);
  const counts: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum((set) => set.status?.replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum((set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalReplicas(sets) - available),
    terminatingReplicas: sum((set) => set.status?.terminatingReplicas),
    ...(collisionCount > 0 ? { collisionCount } : {}),
  };
  const now = formatTime(nowMs);
  let conditions = withAvailability(deployment, available, now);
  conditions = withProgress(view, counts, conditions, now);
  conditions = withReplicaFailure(newSet ? [newSet, ...oldSets] : oldSets, conditions, now);
  return { ...counts, conditions: conditions as DeploymentCondition[] }; // Same fields; ours names them loosely.
}

function withAvailability(deployment: Deployment, available: number, now: string): Condition[] {
  const { desired, unavailable } = boundsOf(deployment);
  const isAvailable = available >= desired - unavailable;
  return withCondition(
    deployment.status?.conditions,
    {
      type: "Available",
      status: isAvailable ? "True" : "False",
      reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      message: isAvailable ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
      lastUpdateTime: now,
    },
    now,
  );
}

function withProgress(view: RolloutView, counts: DeploymentStatus, conditions: Condition[], now: string): Condition[] {
  const { deployment, newSet } = view;
  if (deadlineSeconds(deployment) === NO_DEADLINE_SECONDS) return withoutCondition(conditions, "Progressing");
  const current = conditions.find(({ type }) => type === "Progressing");
  const set = (status: string, reason: string, message: string) =>
    withCondition(conditions, { type: "Progressing", status, reason, message, lastUpdateTime: now }, now);
  if (view.createFailure !== undefined) return set("False", "ReplicaSetCreateError", view.createFailure);
  if (deployment.spec.paused) {
    // That it was stuck before it was paused stays to be seen.
    if (current?.reason === "ProgressDeadlineExceeded") return conditions;
    return set("Unknown", "DeploymentPaused", "Deployment is paused");
  }
  if (current?.reason === "DeploymentPaused") return set("Unknown", "DeploymentResumed", "Deployment is resumed");
  const name = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (view.hasCreated) return set("True", "NewReplicaSetCreated", `Created new replica set "${newSet?.metadata.name}"`);
  // A finished rollout stays finished when it is scaled or a pod fails; only a new template begins another.
  const isOver = current?.reason === "NewReplicaSetAvailable" && counts.replicas === counts.updatedReplicas;
  if (isOver) return conditions;
  if (isComplete(deployment, counts)) {
    return set("True", "NewReplicaSetAvailable", `${name} has successfully progressed.`);
  }
  if (isProgressing(deployment, counts)) {
    const progressing = {
      type: "Progressing",
      status: "True",
      reason: "ReplicaSetUpdated",
      message: `${name} is progressing.`,
      lastUpdateTime: now,
      lastTransitionTime: current?.status === "True" ? (current.lastTransitionTime ?? now) : now,
    };
    return [...withoutCondition(conditions, "Progressing"), progressing];
  }
  if (current === undefined) {
    return newSet ? set("True", "FoundNewReplicaSet", `Found new replica set "${newSet.metadata.name}"`) : conditions;
  }
  const deadline = progressDeadlineAtMs(deployment, current);
  if (deadline !== undefined && deadline <= view.nowMs) {
    return set("False", "ProgressDeadlineExceeded", `${name} has timed out progressing.`);
  }
  return conditions;
}

function withReplicaFailure(sets: readonly ReplicaSet[], conditions: Condition[], now: string): Condition[] {
  const failure = sets
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  if (!failure) return withoutCondition(conditions, "ReplicaFailure");
  const { reason = "", message = "" } = failure;
  return withCondition(
    conditions,
    { type: "ReplicaFailure", status: "True", reason, message, lastUpdateTime: now },
    now,
  );
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function isProgressing(deployment: Deployment, next: DeploymentStatus): boolean {
  const old = deployment.status ?? {};
  const oldPods = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    oldPods(next) < oldPods(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

function deadlineSeconds(deployment: Deployment): number {
  return deployment.spec.progressDeadlineSeconds ?? DEADLINE_DEFAULT_SECONDS;
}

/** When the rollout counts as stuck; undefined when it is done, paused, stuck already or has no deadline. */
export function progressDeadlineAtMs(deployment: Deployment, progressing: Condition | undefined): number | undefined {
  const seconds = deadlineSeconds(deployment);
  if (!progressing || seconds === NO_DEADLINE_SECONDS || deployment.spec.paused) return undefined;
  if (progressing.reason === "NewReplicaSetAvailable" || progressing.reason === "ProgressDeadlineExceeded")
    return undefined;
  const since = progressing.lastUpdateTime ?? progressing.lastTransitionTime;
  return since === undefined ? undefined : Date.parse(since) + seconds * 1000;
}
