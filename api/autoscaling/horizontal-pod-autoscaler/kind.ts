import type { AutoscalingV2HorizontalPodAutoscaler as AutoscalerObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { autoscalerColumns, printAutoscaler } from "./columns.ts";
import { applyAutoscalerDefaults } from "./defaults.ts";
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerUpdate } from "./validation.ts";

export type HorizontalPodAutoscaler = AutoscalerObject;

export const HorizontalPodAutoscaler: Resource<HorizontalPodAutoscaler> = {
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  scope: "Namespaced",
};

export const horizontalPodAutoscalerKind: KindDefinition<HorizontalPodAutoscaler> = {
  resource: HorizontalPodAutoscaler,
  singular: "horizontalpodautoscaler",
  shortNames: ["hpa"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  countsGenerations: false,
  selectableFields: {},
  applyDefaults: applyAutoscalerDefaults,
  validateCreate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  validateStatusUpdate: validateAutoscalerStatus,
  columns: autoscalerColumns,
  printRow: printAutoscaler,
};
