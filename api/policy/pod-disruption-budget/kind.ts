import type { PodDisruptionBudget as PodDisruptionBudgetObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, integerColumn, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { validateConditions } from "../../meta/condition-validation.ts";
import { invalidValue } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import {
  validateAtMostAll,
  validateIntOrPercent,
  validateNotNegative,
  validateOptionalChoice,
} from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type PodDisruptionBudget = PodDisruptionBudgetObject;

export const PodDisruptionBudget: Resource<PodDisruptionBudget> = {
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  scope: "Namespaced",
};

const EVICTION_POLICIES = ["AlwaysAllow", "IfHealthyBudget"];
const NOT_APPLICABLE = "N/A";

function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector } = spec ?? {};
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(invalidValue("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
    errors.push(...validateIntOrPercent(value, `spec.${name}`), ...validateAtMostAll(value, `spec.${name}`));
  }
  if (selector) errors.push(...validateLabelSelector(selector, "spec.selector"));
  const policy = spec?.unhealthyPodEvictionPolicy;
  return [...errors, ...validateOptionalChoice(policy, EVICTION_POLICIES, "spec.unhealthyPodEvictionPolicy")];
}

function validateBudgetStatus({ status }: PodDisruptionBudget): FieldError[] {
  const counters = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const;
  return [
    ...validateConditions(status?.conditions, "status.conditions"),
    ...counters.flatMap((field) => validateNotNegative(status?.[field], `status.${field}`)),
  ];
}

export const podDisruptionBudgetKind: KindDefinition<PodDisruptionBudget> = {
  resource: PodDisruptionBudget,
  singular: "poddisruptionbudget",
  shortNames: ["pdb"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.policy.v1.PodDisruptionBudget",
  nameRule: "pathSegment",
  hasStatus: true,
  requiresVersion: true,
  checksMetadataLast: true,
  takesAnyFinalizer: true,
  selectableFields: {},
  validateCreate: validateBudget,
  validateUpdate: validateBudget,
  validateStatusUpdate: validateBudgetStatus,
  columns: [
    NAME_COLUMN,
    textColumn("Min Available", "Pods that must stay."),
    textColumn("Max Unavailable", "Pods that may be missing."),
    integerColumn("Allowed Disruptions", "Pods that may be evicted now."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? "",
    String(spec?.minAvailable ?? NOT_APPLICABLE),
    String(spec?.maxUnavailable ?? NOT_APPLICABLE),
    status?.disruptionsAllowed ?? 0,
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
