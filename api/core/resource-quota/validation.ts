import type {
  Quantity,
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { IMMUTABLE_FIELD, invalidValue, isEqualJson, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { validateAmount } from "../../meta/quantity-validation.ts";
import { isScopeOf, validateQuotaResourceName } from "../../meta/resource-names.ts";

const SCOPES = [
  "Terminating",
  "NotTerminating",
  "BestEffort",
  "NotBestEffort",
  "PriorityClass",
  "CrossNamespacePodAffinity",
  "VolumeAttributesClass",
];
/** These either hold for a pod or do not; there is nothing to compare with values. */
const WITHOUT_VALUES = SCOPES.filter((scope) => scope !== "PriorityClass" && scope !== "VolumeAttributesClass");
const EXCLUSIVE: readonly (readonly [string, string])[] = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
];
export function validateQuota({ spec }: ResourceQuota): FieldError[] {
  return [...validateAmounts(spec.hard, "spec.hard"), ...validateScopes(spec), ...validateScopeSelector(spec)];
}

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const errors = validateQuota(quota);
  const sorted = (scopes: readonly string[] | undefined) => [...(scopes ?? [])].sort();
  if (!isEqualJson(sorted(quota.spec.scopes), sorted(old.spec.scopes))) {
    errors.push(invalidValue("spec.scopes", quota.spec.scopes ?? null, IMMUTABLE_FIELD));
  }
  return errors;
}

export function validateQuotaStatusUpdate({ status }: ResourceQuota): FieldError[] {
  return [...validateAmounts(status?.hard, "status.hard"), ...validateAmounts(status?.used, "status.used")];
}

function validateAmounts(amounts: Readonly<Record<string, Quantity>> | undefined, path: string): FieldError[] {
  return checkEach(Object.entries(amounts ?? {}), ([name, value]) => {
    const field = `${path}[${name}]`;
    return [...validateQuotaResourceName(name, field), ...validateAmount(name, value, field)];
  });
}

function validateScopes({ scopes = [], hard = {} }: ResourceQuotaSpec): FieldError[] {
  const field = "spec.scopes";
  const errors = scopes.flatMap((scope) => [
    ...(SCOPES.includes(scope) ? [] : [invalidValue(field, scopes, "unsupported scope")]),
    ...Object.keys(hard)
      .filter((name) => !isScopeOf(scope, name))
      .map(() => invalidValue(field, scopes, "unsupported scope applied to resource")),
  ]);
  if (areExclusive(scopes)) errors.push(invalidValue(field, scopes, "conflicting scopes"));
  return errors;
}

function areExclusive(scopes: readonly string[]): boolean {
  return EXCLUSIVE.some(([one, other]) => scopes.includes(one) && scopes.includes(other));
}

function validateScopeSelector({ scopeSelector, hard = {}, scopes }: ResourceQuotaSpec): FieldError[] {
  if (!scopeSelector) return [];
  const field = "spec.scopeSelector.matchExpressions";
  const requirements = scopeSelector.matchExpressions ?? [];
  const errors = requirements.flatMap((requirement) => [
    ...validateRequirement(requirement, field),
    ...Object.keys(hard)
      .filter((name) => !isScopeOf(requirement.scopeName, name))
      .map(() => ({
        ...invalidValue(field, scopeSelector, "unsupported scope applied to resource"),
        valueType: "io.k8s.api.core.v1.ScopeSelector",
      })),
  ]);
  if (areExclusive(requirements.map(({ scopeName }) => scopeName))) {
    errors.push(invalidValue(field, scopes ?? null, "conflicting scopes"));
  }
  return errors;
}

function validateRequirement(
  { scopeName = "", operator = "", values = [] }: Partial<ScopedResourceSelectorRequirement>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!SCOPES.includes(scopeName)) errors.push(invalidValue(`${path}.scopeName`, scopeName, "unsupported scope"));
  if (WITHOUT_VALUES.includes(scopeName) && operator !== "Exists") {
    const text =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalidValue(`${path}.operator`, operator, text));
  }
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        const text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
        errors.push(required(`${path}.values`, text));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        const text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
        errors.push(invalidValue(`${path}.values`, values, text));
      }
      break;
    default:
      errors.push(invalidValue(`${path}.operator`, operator, "not a valid selector operator"));
  }
  return errors;
}
