import type { DaemonSet, DaemonSetUpdateStrategy } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent, validateNotNegative } from "../../meta/value-validation.ts";
import { validateSelectorAndTemplate } from "../pod-template.ts";
import { validateWorkloadStatus } from "../status-validation.ts";

const STRATEGIES = ["OnDelete", "RollingUpdate"];

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  if (!spec) return [required("spec.selector"), required("spec.template")];
  return [
    ...validateSelectorAndTemplate(spec.selector, spec.template, "DaemonSet"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
  ];
}

export function validateDaemonSetUpdate(daemonSet: DaemonSet, old: DaemonSet): FieldError[] {
  return [...validateDaemonSet(daemonSet), ...unchanged("spec.selector", daemonSet.spec?.selector, old.spec?.selector)];
}

export function validateDaemonSetStatus({ status }: DaemonSet, { status: old }: DaemonSet): FieldError[] {
  return validateWorkloadStatus<Counter>({ ...status }, old, { counters: COUNTERS });
}

type Counter = (typeof COUNTERS)[number];

const COUNTERS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
] as const;

function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy, path: string): FieldError[] {
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [notSupported(path, { type }, STRATEGIES)];
  const field = `${path}.rollingUpdate`;
  if (!rollingUpdate) return [required(field)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${field}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${field}.maxSurge`),
    ...validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`),
    ...validateAtMostAll(maxSurge, `${field}.maxSurge`),
  ];
  const removesFirst = numberOf(maxUnavailable) !== 0;
  const addsFirst = numberOf(maxSurge) !== 0;
  if (removesFirst && addsFirst) {
    errors.push(invalidValue(`${field}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  } else if (!removesFirst && !addsFirst) {
    errors.push(required(`${field}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  }
  return errors;
}
