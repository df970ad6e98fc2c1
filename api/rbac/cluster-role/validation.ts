import type { ClusterRole } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, required } from "../../meta/field-error.ts";
import { isUsableSelector, validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { validateRules } from "../policy-rule.ts";

const SELECTORS = "aggregationRule.clusterRoleSelectors";

export function validateClusterRole({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const errors = validateRules(rules, { isNamespaced: false });
  if (!aggregationRule) return errors;
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    errors.push(required(SELECTORS, "at least one clusterRoleSelector required if aggregationRule is non-nil"));
  }
  for (const [index, selector] of selectors.entries()) {
    const field = `${SELECTORS}[${index}]`;
    errors.push(...validateLabelSelector(selector, field));
    // Upstream shows what could not be made of it.
    if (!isUsableSelector(selector)) errors.push(invalidValue(field, null, "invalid label selector."));
  }
  return errors;
}
