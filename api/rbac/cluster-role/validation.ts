import type { ClusterRole } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { required } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
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
    errors.push(...validateLabelSelector(selector, `${SELECTORS}[${index}]`));
  }
  return errors;
}
