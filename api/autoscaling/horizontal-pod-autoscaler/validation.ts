import type {
  AutoscalingV2HorizontalPodAutoscaler as Autoscaler,
  HPAScalingRules,
  MetricSpec,
  MetricTarget,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkPathSegment } from "../../meta/names.ts";
import { parseQuantity } from "../../meta/quantity.ts";
import { validateQuantity } from "../../meta/quantity-validation.ts";
import { invalidTexts, validateOptionalChoice } from "../../meta/value-validation.ts";

const WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;
/** Type of a measure, and the field that says more about it. */
const SOURCES = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
} as const;
const TYPES = Object.keys(SOURCES);

export function validateAutoscaler({ spec }: Autoscaler): FieldError[] {
  const { minReplicas, maxReplicas, scaleTargetRef, metrics = [], behavior } = spec ?? {};
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalidValue("spec.minReplicas", minReplicas, "must be greater than or equal to 1"));
  }
  const field = "spec.maxReplicas";
  if (!maxReplicas) errors.push(required(field, "must be set and greater than 0"));
  else if (maxReplicas < 0) errors.push(invalidValue(field, maxReplicas, "must be greater than or equal to 1"));
  if (minReplicas !== undefined && (maxReplicas ?? 0) < minReplicas) {
    errors.push(invalidValue(field, maxReplicas ?? 0, "must be greater than or equal to `minReplicas`"));
  }
  for (const name of ["kind", "name"] as const) {
    const value = scaleTargetRef?.[name];
    const path = `spec.scaleTargetRef.${name}`;
    errors.push(...(value ? invalidTexts(path, value, checkPathSegment(value)) : [required(path)]));
  }
  return [
    ...errors,
    ...metrics.flatMap((metric, i) => validateMetric(metric, `spec.metrics[${i}]`)),
    ...(behavior?.scaleUp ? validateRules(behavior.scaleUp, "spec.behavior.scaleUp") : []),
    ...(behavior?.scaleDown ? validateRules(behavior.scaleDown, "spec.behavior.scaleDown") : []),
  ];
}

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const { type } = metric;
  if (!type) return [required(`${path}.type`, "must specify a metric source type")];
  if (!isSourceType(type)) return [notSupported(`${path}.type`, type, TYPES)];
  const expected = SOURCES[type];
  const source = metric[expected];
  const errors = Object.values(SOURCES)
    .filter((name) => name !== expected && metric[name] !== undefined)
    .map((name) => forbidden(`${path}.${name}`, "must populate the given metric source only"));
  if (!source)
    return [...errors, required(`${path}.${expected}`, "must populate information for the given metric source")];
  const name = "metric" in source ? source.metric?.name : source.name;
  const nameField = "metric" in source ? `${path}.${expected}.metric.name` : `${path}.${expected}.name`;
  if (!name) errors.push(required(nameField, "must specify a metric name"));
  return [...errors, ...validateTarget(source.target ?? { type: "" }, `${path}.${expected}.target`)];
}

function isSourceType(type: string): type is keyof typeof SOURCES {
  return Object.hasOwn(SOURCES, type);
}

function validateTarget({ type, value, averageValue, averageUtilization }: MetricTarget, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${path}.type`, "must specify a metric target type"));
  if (!["Utilization", "Value", "AverageValue"].includes(type)) {
    errors.push(invalidValue(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const [name, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && (parseQuantity(amount)?.nanos ?? 0n) <= 0n) {
      errors.push(invalidValue(`${path}.${name}`, amount, "must be positive"));
    }
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalidValue(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"));
  }
  return errors;
}

function validateRules(rules: HPAScalingRules, path: string): FieldError[] {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  if (window !== undefined && window < 0) {
    errors.push(invalidValue(`${path}.stabilizationWindowSeconds`, window, "must be greater than or equal to zero"));
  }
  if (window !== undefined && window > WINDOW_SECONDS_MAX) {
    const text = `must be less than or equal to ${WINDOW_SECONDS_MAX}`;
    errors.push(invalidValue(`${path}.stabilizationWindowSeconds`, window, text));
  }
  errors.push(...validateOptionalChoice(selectPolicy, ["Disabled", "Max", "Min"], `${path}.selectPolicy`));
  if (policies.length === 0) errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  for (const [i, { type, value, periodSeconds }] of policies.entries()) {
    const field = `${path}.policies[${i}]`;
    errors.push(...validateOptionalChoice(type, ["Percent", "Pods"], `${field}.type`));
    for (const [name, number] of Object.entries({ value, periodSeconds })) {
      if (number <= 0) errors.push(invalidValue(`${field}.${name}`, number, "must be greater than zero"));
    }
    if (periodSeconds > PERIOD_SECONDS_MAX) {
      const text = `must be less than or equal to ${PERIOD_SECONDS_MAX}`;
      errors.push(invalidValue(`${field}.periodSeconds`, periodSeconds, text));
    }
  }
  if (tolerance !== undefined) errors.push(...validateQuantity(tolerance, `${path}.tolerance`));
  return errors;
}
