// The first version, which knows one measure: how busy the processors are. Stored as v2.

import type { HorizontalPodAutoscaler as AutoscalerObject } from "../../generated/types.ts";
import type { KindDefinition } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { HorizontalPodAutoscaler, horizontalPodAutoscalerKind } from "../horizontal-pod-autoscaler/kind.ts";
import { printAutoscaler } from "../horizontal-pod-autoscaler/columns.ts";
import { CPU_UTILIZATION_PERCENT } from "../horizontal-pod-autoscaler/defaults.ts";
import {
  validateAutoscaler,
  validateAutoscalerStatus,
  validateAutoscalerUpdate,
} from "../horizontal-pod-autoscaler/validation.ts";
import { carriesMetrics, fromStoredAutoscaler, toStoredAutoscaler } from "./conversion.ts";

export type HorizontalPodAutoscalerV1 = AutoscalerObject;

export const HorizontalPodAutoscalerV1: Resource<HorizontalPodAutoscalerV1> = {
  group: "autoscaling",
  version: "v1",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  scope: "Namespaced",
};

/** Upstream measures nothing but processors where nothing else is said, and says so at once. */
function applyAutoscalerV1Defaults({ spec, metadata }: HorizontalPodAutoscalerV1): void {
  spec.minReplicas ??= 1;
  if (!carriesMetrics(metadata)) spec.targetCPUUtilizationPercentage ??= CPU_UTILIZATION_PERCENT;
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
  applyDefaults: applyAutoscalerV1Defaults,
  validateCreate: (autoscaler) => validateAutoscaler(toStoredAutoscaler(autoscaler)),
  validateUpdate: (autoscaler, old) =>
    validateAutoscalerUpdate(toStoredAutoscaler(autoscaler), toStoredAutoscaler(old)),
  validateStatusUpdate: (autoscaler) => validateAutoscalerStatus(toStoredAutoscaler(autoscaler)),
  columns: horizontalPodAutoscalerKind.columns,
  printRow: (autoscaler, nowMs) => printAutoscaler(toStoredAutoscaler(autoscaler), nowMs),
};
