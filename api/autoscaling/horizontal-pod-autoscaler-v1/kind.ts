// The first version, which knows one measure: how busy the processors are. Stored as v2.

import type { HorizontalPodAutoscaler as AutoscalerObject } from "../../generated/types.ts";
import type { KindDefinition } from "../../kind.ts";
import { invalidValue } from "../../meta/field-error.ts";
import type { Resource } from "../../resource.ts";
import { HorizontalPodAutoscaler, horizontalPodAutoscalerKind } from "../horizontal-pod-autoscaler/kind.ts";
import { printAutoscaler } from "../horizontal-pod-autoscaler/columns.ts";
import { validateAutoscaler } from "../horizontal-pod-autoscaler/validation.ts";
import { fromStoredAutoscaler, toStoredAutoscaler } from "./conversion.ts";

export type HorizontalPodAutoscalerV1 = AutoscalerObject;

export const HorizontalPodAutoscalerV1: Resource<HorizontalPodAutoscalerV1> = {
  group: "autoscaling",
  version: "v1",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  scope: "Namespaced",
};

function validate(autoscaler: HorizontalPodAutoscalerV1) {
  const percent = autoscaler.spec?.targetCPUUtilizationPercentage;
  const errors = validateAutoscaler(toStoredAutoscaler(autoscaler)).filter(
    ({ field }) => !field.startsWith("spec.metrics"),
  );
  if (percent !== undefined && percent < 1) {
    errors.push(invalidValue("spec.targetCPUUtilizationPercentage", percent, "must be greater than 0"));
  }
  return errors;
}

export const horizontalPodAutoscalerV1Kind: KindDefinition<HorizontalPodAutoscalerV1> = {
  resource: HorizontalPodAutoscalerV1,
  storedAs: {
    resource: HorizontalPodAutoscaler,
    schema: horizontalPodAutoscalerKind.schema,
    toStored: toStoredAutoscaler,
    fromStored: fromStoredAutoscaler,
  },
  singular: horizontalPodAutoscalerKind.singular,
  shortNames: horizontalPodAutoscalerKind.shortNames,
  categories: horizontalPodAutoscalerKind.categories,
  verbs: horizontalPodAutoscalerKind.verbs,
  subresources: horizontalPodAutoscalerKind.subresources,
  schema: "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
  nameRule: horizontalPodAutoscalerKind.nameRule,
  hasStatus: true,
  countsGenerations: false,
  selectableFields: {},
  applyDefaults: ({ spec }) => {
    if (spec) spec.minReplicas ??= 1;
  },
  validateCreate: validate,
  validateUpdate: validate,
  columns: horizontalPodAutoscalerKind.columns,
  printRow: (autoscaler, nowMs) => printAutoscaler(toStoredAutoscaler(autoscaler), nowMs),
};
