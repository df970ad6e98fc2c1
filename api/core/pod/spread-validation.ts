import type { TopologySpreadConstraint } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateLabelKeys } from "./affinity-validation.ts";

const UNSATISFIABLE = ["DoNotSchedule", "ScheduleAnyway"];
const INCLUSION_POLICIES = ["Honor", "Ignore"];

export function validateSpread(constraints: readonly TopologySpreadConstraint[], path: string): FieldError[] {
  const identities = constraints.map(({ topologyKey, whenUnsatisfiable }) => `{${topologyKey}, ${whenUnsatisfiable}}`);
  const lastPlaces = new Map(identities.map((identity, i) => [identity, i]));
  return constraints.flatMap((constraint, i) => {
    const field = `${path}[${i}]`;
    const identity = identities[i] ?? "";
    const {
      maxSkew = 0,
      topologyKey,
      whenUnsatisfiable = "",
      labelSelector,
    }: Partial<TopologySpreadConstraint> = constraint;
    return [
      ...validatePositive(maxSkew, `${field}.maxSkew`),
      ...(topologyKey ? [] : [required(`${field}.topologyKey`, "can not be empty")]),
      ...(UNSATISFIABLE.includes(whenUnsatisfiable)
        ? []
        : [notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable, UNSATISFIABLE)]),
      ...((lastPlaces.get(identity) ?? i) > i
        ? [duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, identity)]
        : []),
      ...validateMinDomains(constraint, `${field}.minDomains`),
      ...validateOptionalChoice(constraint.nodeAffinityPolicy, INCLUSION_POLICIES, `${field}.nodeAffinityPolicy`),
      ...validateOptionalChoice(constraint.nodeTaintsPolicy, INCLUSION_POLICIES, `${field}.nodeTaintsPolicy`),
      ...validateLabelKeys(constraint, field),
      ...(labelSelector ? validateLabelSelector(labelSelector, `${field}.labelSelector`) : []),
    ];
  });
}

function validatePositive(value: number, field: string): FieldError[] {
  return value > 0 ? [] : [invalidValue(field, value, "must be greater than zero")];
}

function validateMinDomains(
  { minDomains, whenUnsatisfiable = "" }: Partial<TopologySpreadConstraint>,
  field: string,
): FieldError[] {
  if (minDomains === undefined) return [];
  const errors = validatePositive(minDomains, field);
  if (whenUnsatisfiable === "DoNotSchedule") return errors;
  const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  return [...errors, invalidValue(field, minDomains, text)];
}
