import type { DaemonSet, DaemonSetUpdateStrategy } from "../../generated/types.ts";
import { validatePodTemplate } from "../../core/pod/validation.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { isUsableSelector, validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent, validateNotNegative } from "../../meta/value-validation.ts";
import { validateEndlessness, validateMatch, validateNotEmpty } from "../pod-template.ts";
import { validateWorkloadStatus } from "../status-validation.ts";

const STRATEGIES = ["RollingUpdate", "OnDelete"];

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const { selector, template } = spec;
  return [
    ...(selector ? validateLabelSelector(selector, "spec.selector") : []),
    ...(!selector || isUsableSelector(selector) ? validateMatch(selector, template) : []),
    ...(selector ? validateNotEmpty(selector, "daemonset") : []),
    ...validatePodTemplate(template, "spec.template"),
    ...validateEndlessness(template, "DaemonSet"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
  ];
}

export function validateDaemonSetUpdate(daemonSet: DaemonSet, old: DaemonSet): FieldError[] {
  return [...unchanged("spec.selector", daemonSet.spec.selector, old.spec.selector), ...validateDaemonSet(daemonSet)];
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

function validateStrategy(strategy: DaemonSetUpdateStrategy, path: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [notSupported(path, strategy, STRATEGIES)];
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
