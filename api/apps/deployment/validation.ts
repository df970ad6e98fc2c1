import type { Deployment, DeploymentStrategy, IntOrString } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { validateNotNegative, validateSelectorAndTemplate } from "../pod-template.ts";

const STRATEGIES = ["Recreate", "RollingUpdate"];

export function validateDeployment({ spec }: Deployment): FieldError[] {
  if (!spec) return [required("spec.selector"), required("spec.template")];
  const errors = [
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
    ...validateStrategy(spec.strategy ?? {}),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
    ...validateNotNegative(spec.progressDeadlineSeconds, "spec.progressDeadlineSeconds"),
  ];
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
    errors.push(invalidValue("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  }
  return errors;
}

export function validateDeploymentUpdate(deployment: Deployment, old: Deployment): FieldError[] {
  return [
    ...validateDeployment(deployment),
    ...unchanged("spec.selector", deployment.spec?.selector, old.spec?.selector),
  ];
}

function validateStrategy(strategy: DeploymentStrategy): FieldError[] {
  const path = "spec.strategy";
  if (!STRATEGIES.includes(strategy.type ?? "")) return [notSupported(`${path}.type`, strategy.type ?? "", STRATEGIES)];
  const { rollingUpdate } = strategy;
  if (strategy.type === "Recreate") {
    const text = "may not be specified when strategy `type` is 'Recreate'";
    return rollingUpdate ? [forbidden(`${path}.rollingUpdate`, text)] : [];
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${path}.rollingUpdate.maxSurge`),
  ];
  if (Number.parseInt(String(maxUnavailable), 10) === 0 && Number.parseInt(String(maxSurge), 10) === 0) {
    const text = "may not be 0 when `maxSurge` is 0";
    errors.push(invalidValue(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, text));
  }
  if (typeof maxUnavailable === "string" && Number.parseInt(maxUnavailable, 10) > 100) {
    errors.push(invalidValue(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, "must not be greater than 100%"));
  }
  return errors;
}

function validateIntOrPercent(value: IntOrString, field: string): FieldError[] {
  if (typeof value === "number") return validateNotNegative(value, field);
  if (/^\d+%$/.test(value)) return [];
  const text =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or '93%', regex used for validation is '[0-9]+%')";
  return [invalidValue(field, value, text)];
}
