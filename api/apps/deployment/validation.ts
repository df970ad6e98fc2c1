import type { Deployment, DeploymentStrategy } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, unchanged } from "../../meta/field-error.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent, validateNotNegative } from "../../meta/value-validation.ts";
import { validateSelectorAndTemplate } from "../pod-template.ts";
import { validateWorkloadStatus } from "../status-validation.ts";

const STRATEGIES = ["Recreate", "RollingUpdate"];

export function validateDeployment({ spec }: Deployment): FieldError[] {
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

export function validateDeploymentStatus({ status }: Deployment, { status: old }: Deployment): FieldError[] {
  return validateWorkloadStatus(status ?? {}, old, {
    counters: [
      "observedGeneration",
      "replicas",
      "updatedReplicas",
      "readyReplicas",
      "availableReplicas",
      "unavailableReplicas",
      "terminatingReplicas",
      "collisionCount",
    ],
    atMostReplicas: ["updatedReplicas", "readyReplicas", "availableReplicas"],
    readyName: "readyReplicas",
  });
}

function validateStrategy(strategy: DeploymentStrategy): FieldError[] {
  const path = "spec.strategy";
  if (!STRATEGIES.includes(strategy.type ?? "")) return [notSupported(path, strategy, STRATEGIES)];
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
  if (numberOf(maxUnavailable) === 0 && numberOf(maxSurge) === 0) {
    const text = "may not be 0 when `maxSurge` is 0";
    errors.push(invalidValue(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, text));
  }
  errors.push(...validateAtMostAll(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`));
  return errors;
}
