// A quota with scopes counts only what is in all of them.

import type { ResourceQuotaSpec } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import type { QuotaEvaluator, ScopeRequirement } from "./evaluator.ts";

export function requirementsOf({ scopes = [], scopeSelector }: ResourceQuotaSpec): ScopeRequirement[] {
  return [
    ...scopes.map((scopeName) => ({ scopeName, operator: "Exists" })),
    ...(scopeSelector?.matchExpressions ?? []),
  ];
}

export function isInScopes<T extends KubeObject>(
  evaluator: QuotaEvaluator<T>,
  object: T,
  requirements: readonly ScopeRequirement[],
): boolean {
  return requirements.every((requirement) => evaluator.isInScope(object, requirement));
}

/** Whether a name (of a class, say) is one that the scope is about; undefined and "": there is no name. */
export function matchesName({ operator, values = [] }: ScopeRequirement, name: string | undefined): boolean {
  switch (operator) {
    case "Exists":
      return Boolean(name);
    case "DoesNotExist":
      return !name;
    case "In":
      return Boolean(name) && values.includes(name ?? "");
    case "NotIn":
      return !name || !values.includes(name);
    default:
      return false;
  }
}
