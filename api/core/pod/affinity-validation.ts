// Near which hosts and pods a pod wants to be, and far from which.

import type {
  Affinity,
  PodAffinity,
  PodAffinityTerm,
  PreferredSchedulingTerm,
  WeightedPodAffinityTerm,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, required } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkDns1123Label, checkQualifiedName } from "../../meta/names.ts";
import type { LabelSelector } from "../../meta/types.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { validateNodeSelector, validateNodeSelectorTerm } from "./node-selector-validation.ts";

const WEIGHT_MAX = 100;

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const selector = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const field = `${path}.nodeAffinity`;
  return [
    ...(selector ? validateNodeSelector(selector, `${field}.requiredDuringSchedulingIgnoredDuringExecution`) : []),
    ...preferred.flatMap((term, i) =>
      validatePreference(term, `${field}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`),
    ),
    ...validatePodAffinity(podAffinity ?? {}, `${path}.podAffinity`),
    ...validatePodAffinity(podAntiAffinity ?? {}, `${path}.podAntiAffinity`),
  ];
}

/** A value that no label can have is no fault here: another host will do. */
function validatePreference({ weight, preference }: PreferredSchedulingTerm, path: string): FieldError[] {
  return [
    ...validateWeight(weight, path),
    ...validateNodeSelectorTerm(preference ?? {}, `${path}.preference`, { checksValues: false }),
  ];
}

function validatePodAffinity(affinity: PodAffinity, path: string): FieldError[] {
  const needed = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...needed.flatMap((term, i) => validateTerm(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`)),
    ...preferred.flatMap(({ weight, podAffinityTerm }: Partial<WeightedPodAffinityTerm>, i) => {
      const field = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      return [...validateWeight(weight, field), ...validateTerm(podAffinityTerm ?? {}, `${field}.podAffinityTerm`)];
    }),
  ];
}

function validateWeight(weight = 0, path: string): FieldError[] {
  return weight > 0 && weight <= WEIGHT_MAX
    ? []
    : [invalidValue(`${path}.weight`, weight, `must be in the range 1-${WEIGHT_MAX}`)];
}

function validateTerm(term: Partial<PodAffinityTerm>, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = "" } = term;
  return [
    ...(labelSelector ? validateLabelSelector(labelSelector, `${path}.labelSelector`) : []),
    ...(namespaceSelector ? validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`) : []),
    ...namespaces.flatMap((name) => invalidTexts(`${path}.namespace`, name, checkDns1123Label(name))),
    ...validateLabelKeys(term, path),
    ...(topologyKey ? [] : [required(`${path}.topologyKey`, "can not be empty")]),
    ...invalidTexts(`${path}.topologyKey`, topologyKey, checkQualifiedName(topologyKey)),
  ];
}

export interface LabelKeys {
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
  readonly labelSelector?: LabelSelector;
}

/** Keys whose values are those of the pod itself; the server has added them to the selector by now. */
export function validateLabelKeys(term: LabelKeys, path: string): FieldError[] {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term;
  const errors = [
    ...validateKeyNames(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    ...validateKeyNames(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
  ];
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  const lastPlaces = new Map(matchLabelKeys.map((key, i) => [key, i]));
  const mismatched = new Set(mismatchLabelKeys);
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = lastPlaces.get(key);
    const text = "exists in both matchLabelKeys and labelSelector";
    if (index !== undefined && selected.has(key)) errors.push(invalidValue(`${path}[${index}]`, key, text));
    selected.add(key);
  }
  for (const [i, key] of matchLabelKeys.entries()) {
    const text = "exists in both matchLabelKeys and mismatchLabelKeys";
    if (mismatched.has(key)) errors.push(invalidValue(`${path}.matchLabelKeys[${i}]`, key, text));
  }
  return errors;
}

function validateKeyNames(keys: readonly string[], selector: LabelSelector | undefined, path: string): FieldError[] {
  if (keys.length === 0) return [];
  if (!selector) return [forbidden(path, "must not be specified when labelSelector is not set")];
  return keys.flatMap((key, i) => invalidTexts(`${path}[${i}]`, key, checkQualifiedName(key)));
}
