import type {
  AutoscalingV2HorizontalPodAutoscaler as Autoscaler,
  AutoscalingV2HorizontalPodAutoscalerSpec as AutoscalerSpec,
  HPAScalingRules,
  MetricSpec,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { validateQuantity } from "../../meta/quantity-validation.ts";
import { validateNotNegative, validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateMetric } from "./metric-validation.ts";
import { problemOfVersion, type ReferenceRules, validateTargetReference } from "./reference-validation.ts";

const WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;
const POLICY_TYPES = ["Percent", "Pods"];

export function validateAutoscaler({ spec }: Autoscaler): FieldError[] {
  return validateSpec(spec, undefined);
}

export function validateAutoscalerUpdate({ spec }: Autoscaler, { spec: old }: Autoscaler): FieldError[] {
  return validateSpec(spec, old);
}

export function validateAutoscalerStatus({ status }: Autoscaler): FieldError[] {
  return (["currentReplicas", "desiredReplicas"] as const).flatMap((name) =>
    validateNotNegative(status?.[name], `status.${name}`),
  );
}

function validateSpec(spec: AutoscalerSpec, old: AutoscalerSpec | undefined): FieldError[] {
  const { metrics = [], behavior } = spec;
  const rules = rulesOfMetrics(old?.metrics ?? []);
  const errors = [
    ...validateReplicas(spec, old?.minReplicas === 0 ? 0 : 1),
    ...validateTargetReference(spec.scaleTargetRef, "spec.scaleTargetRef", rulesOfTarget(spec, old)),
    ...metrics.flatMap((metric, i) => validateMetric(metric, `spec.metrics[${i}]`, rules)),
  ];
  const isAwakened = metrics.some(({ type }) => type === "Object" || type === "External");
  if (spec.minReplicas === 0 && !isAwakened) {
    const text = "must specify at least one Object or External metric to support scaling to zero replicas";
    errors.push(forbidden("spec.metrics", text));
  }
  return [
    ...errors,
    ...(behavior?.scaleUp ? validateRules(behavior.scaleUp, "spec.behavior.scaleUp") : []),
    ...(behavior?.scaleDown ? validateRules(behavior.scaleDown, "spec.behavior.scaleDown") : []),
  ];
}

function validateReplicas({ minReplicas, maxReplicas = 0 }: AutoscalerSpec, lowest: number): FieldError[] {
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < lowest) {
    errors.push(invalidValue("spec.minReplicas", minReplicas, `must be greater than or equal to ${lowest}`));
  }
  const field = "spec.maxReplicas";
  if (maxReplicas === 0) errors.push(required(field, "must be set and greater than 0"));
  else if (maxReplicas < 0) errors.push(invalidValue(field, maxReplicas, "must be greater than or equal to 1"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalidValue(field, maxReplicas, "must be greater than or equal to `minReplicas`"));
  }
  return errors;
}

/** What was let in once may stay; of what can be scaled only one kind has no group. */
function rulesOfTarget({ scaleTargetRef: target }: AutoscalerSpec, old: AutoscalerSpec | undefined): ReferenceRules {
  const before = old?.scaleTargetRef;
  if (before && before.apiVersion === target?.apiVersion && before.kind === target?.kind) return { version: "any" };
  return { version: target?.kind === "ReplicationController" ? "parsed" : "with a group" };
}

function rulesOfMetrics(old: readonly MetricSpec[]): ReferenceRules {
  const isWrongAlready = old.some(
    ({ type, object }) =>
      type === "Object" && object && problemOfVersion(object.describedObject?.apiVersion ?? "", false) !== undefined,
  );
  return { version: isWrongAlready ? "any" : "parsed" };
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
    if (!POLICY_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type ?? "", POLICY_TYPES));
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
