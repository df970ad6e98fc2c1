// What a pod as a whole may use: enough for all its containers together, and no less than one of them may use alone.

import { ownValue } from "@atoll/base/own-value";
import type { PodSpec, ResourceRequirements } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported } from "../../meta/field-error.ts";
import { compareQuantities, formatQuantity } from "../../meta/quantity.ts";
import { HUGE_PAGES, isPodLevelResource, validateResourceName } from "../../meta/resource-names.ts";
import { isSaidEmpty } from "../../meta/said-empty.ts";
import { amountOf, sumOfContainers } from "./container-sums.ts";
import { validateRequirements } from "./resource-validation.ts";

const SUPPORTED = ["cpu", HUGE_PAGES, "memory"];

export function validatePodResources(spec: PodSpec, claims: ReadonlySet<string>, path: string): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  const field = `${path}.resources`;
  if (spec.os?.name === "windows") return [forbidden(field, "may not be set for a windows pod")];
  return [
    ...(resources.claims || isSaidEmpty(resources, "claims")
      ? [forbidden(`${field}.claims`, "claims may not be set for Resources at pod-level")]
      : []),
    ...validateRequirements(resources, { validateName: validatePodResourceName, claims }, field),
    ...validateSums(spec, resources, field),
    ...validateEachLimit(spec, resources, field),
  ];
}

function validatePodResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (errors.length > 0 || isPodLevelResource(name)) return errors;
  return [notSupported(field, name, SUPPORTED)];
}

/** Requests of all kinds, and limits of what cannot be shared out more than once. */
function validateSums(spec: PodSpec, resources: ResourceRequirements, path: string): FieldError[] {
  return (["requests", "limits"] as const).flatMap((list) =>
    Object.entries(resources[list] ?? {}).flatMap(([name, value]) => {
      if (list === "limits" && !name.startsWith(HUGE_PAGES)) return [];
      const sum = sumOfContainers(spec, list, name);
      if (compareQuantities(sum, amountOf(value)) <= 0) return [];
      const text = `must be greater than or equal to aggregate container ${list} of ${formatQuantity(sum)}`;
      return [invalidValue(`${path}.${list}[${name}]`, value, text)];
    }),
  );
}

function validateEachLimit(spec: PodSpec, { limits = {} }: ResourceRequirements, path: string): FieldError[] {
  return (spec.containers ?? []).flatMap(({ resources }, i) =>
    Object.entries(resources?.limits ?? {}).flatMap(([name, value]) => {
      const ofPod = ownValue(limits, name);
      if (ofPod === undefined || compareQuantities(amountOf(value), amountOf(ofPod)) <= 0) return [];
      const text = `must be less than or equal to pod limits of ${ofPod}`;
      return [invalidValue(`${path}.containers[${i}][${name}].limits`, value, text)];
    }),
  );
}
