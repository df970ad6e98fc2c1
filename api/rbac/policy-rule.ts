// What roles are made of: which verbs on which resources or paths, and the checks of one rule.

import type { PolicyRule } from "../generated/types.ts";
import type { FieldError } from "../kind.ts";
import { invalidValue, required } from "../meta/field-error.ts";
import { checkEach } from "../meta/long-checks.ts";

export type { PolicyRule } from "../generated/types.ts";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** In a rule: any verb, group, resource; at the end of a path: whatever follows. */
export const ALL = "*";

export function validateRules(
  rules: readonly PolicyRule[] | undefined,
  { isNamespaced }: { readonly isNamespaced: boolean },
): FieldError[] {
  return checkEach(rules ?? [], (rule, index) => validateRule(rule, `rules[${index}]`, isNamespaced));
}

function validateRule(rule: PolicyRule, path: string, isNamespaced: boolean): FieldError[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  if (verbs.length === 0) errors.push(required(`${path}.verbs`, "verbs must contain at least one value"));
  if (nonResourceURLs.length > 0) {
    const refuse = (why: string) => errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, why));
    if (isNamespaced) refuse("namespaced rules cannot apply to non-resource URLs");
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      refuse("rules cannot apply to both regular resources and non-resource URLs");
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  }
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  }
  return errors;
}
