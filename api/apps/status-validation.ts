// What the status of a workload may not say: counts below zero, more pods in a state than there are, fewer collisions than
// before.

import type { FieldError } from "../kind.ts";
import { invalidValue } from "../meta/field-error.ts";
import { validateNotNegative } from "../meta/value-validation.ts";

export interface StatusRules<Counter extends string> {
  readonly counters: readonly Counter[];
  /** Counters that `replicas` bounds. */
  readonly atMostReplicas?: readonly Counter[];
  /** How the message calls the counter of ready pods, which bounds that of available ones. */
  readonly readyName?: "readyReplicas" | "status.readyReplicas";
}

/** `old` is left out where the kind has no collision count. */
export function validateWorkloadStatus<Counter extends string>(
  status: Readonly<Partial<Record<Counter, number>>> & WorkloadStatus,
  old: WorkloadStatus | undefined,
  { counters, atMostReplicas = [], readyName }: StatusRules<Counter>,
): FieldError[] {
  const errors = counters.flatMap((counter) => validateNotNegative(status[counter], `status.${counter}`));
  const bound = (counter: string, value: number, limit: number, name: string) => {
    if (value > limit) errors.push(invalidValue(`status.${counter}`, value, `cannot be greater than ${name}`));
  };
  for (const counter of atMostReplicas) bound(counter, status[counter] ?? 0, status.replicas ?? 0, "status.replicas");
  if (readyName) bound("availableReplicas", status.availableReplicas ?? 0, status.readyReplicas ?? 0, readyName);
  if (old?.collisionCount !== undefined && (status.collisionCount ?? 0) < old.collisionCount) {
    errors.push(invalidValue("status.collisionCount", status.collisionCount ?? 0, "cannot be decremented"));
  }
  return errors;
}

interface WorkloadStatus {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly collisionCount?: number;
}
