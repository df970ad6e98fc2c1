// What an autoscaler may measure, and what it may aim at.

import type {
  ContainerResourceMetricSource,
  ExternalMetricSource,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkDns1123Label, checkPathSegment } from "../../meta/names.ts";
import { parseQuantity } from "../../meta/quantity.ts";
import { validateContainerResourceName } from "../../meta/resource-names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { validateTargetReference, type ReferenceRules } from "./reference-validation.ts";

/** Type of a measure, and the field that says more about it. */
const FIELDS = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
} as const;
const TYPES = Object.keys(FIELDS);

/** In the order in which upstream looks: the first that is there is the one whose content is checked. */
const SOURCES = ["object", "external", "pods", "resource", "containerResource"] as const;

export function validateMetric(metric: MetricSpec, path: string, rules: ReferenceRules): FieldError[] {
  const { type = "" } = metric;
  const errors: FieldError[] = [];
  if (type === "") errors.push(required(`${path}.type`, "must specify a metric source type"));
  if (!TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  const present = SOURCES.filter((name) => metric[name] !== undefined);
  errors.push(...validateFirstSource(metric, path, rules));
  const expected = isKnownType(type) ? FIELDS[type] : undefined;
  if (expected && !metric[expected]) {
    errors.push(required(`${path}.${expected}`, "must populate information for the given metric source"));
  }
  if (present.length === 1) return errors;
  const others = present.filter((name) => name !== expected);
  return [
    ...errors,
    ...others.map((name) => forbidden(`${path}.${name}`, "must populate the given metric source only")),
  ];
}

function isKnownType(type: string): type is keyof typeof FIELDS {
  return Object.hasOwn(FIELDS, type);
}

function validateFirstSource(metric: MetricSpec, path: string, rules: ReferenceRules): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric;
  if (object) return validateObjectSource(object, `${path}.object`, rules);
  if (external) return validateExternalSource(external, `${path}.external`);
  if (pods) return validatePodsSource(pods, `${path}.pods`);
  if (resource) return validateResourceSource(resource, `${path}.resource`);
  return containerResource ? validateContainerSource(containerResource, `${path}.containerResource`) : [];
}

function validateObjectSource(source: ObjectMetricSource, path: string, rules: ReferenceRules): FieldError[] {
  const errors = [
    ...validateTargetReference(source.describedObject, `${path}.describedObject`, rules),
    ...validateMetricName(source.metric?.name, `${path}.metric.name`),
    ...validateTarget(source.target, `${path}.target`),
  ];
  if (source.target?.value !== undefined || source.target?.averageValue !== undefined) return errors;
  return [...errors, required(`${path}.target.averageValue`, "must set either a target value or averageValue")];
}

function validateExternalSource({ metric, target }: ExternalMetricSource, path: string): FieldError[] {
  const errors = [
    ...validateMetricName(metric?.name, `${path}.metric.name`),
    ...validateTarget(target, `${path}.target`),
  ];
  const { value, averageValue } = target ?? {};
  if (value === undefined && averageValue === undefined) {
    const text = "must set either a target value for metric or a per-pod target";
    errors.push(required(`${path}.target.averageValue`, text));
  }
  if (value !== undefined && averageValue !== undefined) {
    const text = "may not set both a target value for metric and a per-pod target";
    errors.push(forbidden(`${path}.target.value`, text));
  }
  return errors;
}

function validatePodsSource({ metric, target }: PodsMetricSource, path: string): FieldError[] {
  const errors = [
    ...validateMetricName(metric?.name, `${path}.metric.name`),
    ...validateTarget(target, `${path}.target`),
  ];
  if (target?.averageValue !== undefined) return errors;
  return [...errors, required(`${path}.target.averageValue`, "must specify a positive target averageValue")];
}

function validateResourceSource({ name, target }: ResourceMetricSource, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`, "must specify a resource name")];
  return [...errors, ...validateUse(target, `${path}.target`)];
}

function validateContainerSource(source: ContainerResourceMetricSource, path: string): FieldError[] {
  const { name, container, target } = source;
  return [
    ...(name
      ? validateContainerResourceName(name, `${path}.name`)
      : [required(`${path}.name`, "must specify a resource name")]),
    ...(container
      ? invalidTexts(`${path}.container`, container, checkDns1123Label(container))
      : [required(`${path}.container`, "must specify a container")]),
    ...validateUse(target, `${path}.target`),
  ];
}

/** Of a resource: an amount, or a share of what was asked for. */
function validateUse(target: MetricTarget | undefined, path: string): FieldError[] {
  const errors = validateTarget(target, path);
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(required(`${path}.averageUtilization`, "must set either a target raw value or a target utilization"));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(forbidden(`${path}.averageValue`, "may not set both a target raw value and a target utilization"));
  }
  return errors;
}

function validateMetricName(name: string | undefined, field: string): FieldError[] {
  return name ? invalidTexts(field, name, checkPathSegment(name)) : [required(field, "must specify a metric name")];
}

function validateTarget(target: MetricTarget | undefined, path: string): FieldError[] {
  const { type = "", value, averageValue, averageUtilization } = target ?? {};
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
