/** The fields that conditions of all workload kinds share. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
}

/**
 * The list with `condition` in the place of its type's old one. The time of transition moves only when the status changes;
 * a condition that says the same as before (status and reason) leaves the list as it is.
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
  now: string,
): Condition[] {
  const list = conditions ?? [];
  const old = list.find(({ type }) => type === condition.type);
  if (old && old.status === condition.status && old.reason === condition.reason) return [...list];
  const lastTransitionTime =
    old?.status === condition.status && old.lastTransitionTime !== undefined ? old.lastTransitionTime : now;
  return [...withoutCondition(list, condition.type), { ...condition, lastTransitionTime }];
}

export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
