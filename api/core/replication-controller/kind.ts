import { namedWorkloadWarnings } from "../../apps/workload-warnings.ts";
import { validateWorkloadStatus } from "../../apps/status-validation.ts";
import { templateColumns, templateImages, templateNames } from "../../apps/pod-template.ts";
import type { ReplicationController as ReplicationControllerObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition, SCALE_SUBRESOURCE, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, formatLabels, integerColumn, NAME_COLUMN } from "../../meta/columns.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { shownField } from "../../meta/said-empty.ts";
import { validateNotNegative } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import { applyPodTemplateDefaults } from "../pod/defaults.ts";
import { dropUnservedFields } from "../pod/unserved-fields.ts";
import { validatePodTemplate } from "../pod/validation.ts";

export type ReplicationController = ReplicationControllerObject;

export const ReplicationController: Resource<ReplicationController> = {
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  scope: "Namespaced",
};

function applyReplicationControllerDefaults(controller: ReplicationController): void {
  controller.spec ??= {};
  const { spec, metadata } = controller;
  spec.replicas ??= 1;
  const labels = spec.template?.metadata?.labels;
  if (labels && Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  if (spec.template) applyPodTemplateDefaults(spec.template);
}

function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const { selector = {}, template } = spec;
  const errors = [
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...(Object.keys(selector).length === 0 ? [required("spec.selector")] : []),
    ...validateNotNegative(spec.replicas, "spec.replicas"),
  ];
  const path = "spec.template";
  if (!template) return [...errors, required(path)];
  const labels = template.metadata?.labels ?? {};
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) {
    const text = "`selector` does not match template `labels`";
    errors.push(invalidValue(`${path}.metadata.labels`, shownField(template.metadata, "labels"), text));
  }
  errors.push(...validatePodTemplate(template, path));
  const restartPolicy = template.spec?.restartPolicy;
  if (restartPolicy !== undefined && restartPolicy !== "Always") {
    errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ["Always"]));
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const text = "activeDeadlineSeconds in ReplicationController is not Supported";
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, text));
  }
  return errors;
}

function validateReplicationControllerStatus({ status }: ReplicationController): FieldError[] {
  return validateWorkloadStatus(status ?? {}, undefined, {
    counters: ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"],
    atMostReplicas: ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
    readyName: "readyReplicas",
  });
}

export const replicationControllerKind: KindDefinition<ReplicationController> = {
  resource: ReplicationController,
  singular: "replicationcontroller",
  shortNames: ["rc"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [SCALE_SUBRESOURCE, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.core.v1.ReplicationController",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  checksGenerateName: "never",
  selectableFields: { "status.replicas": (controller) => String(controller.status?.replicas ?? 0) },
  applyDefaults: applyReplicationControllerDefaults,
  prepareForCreate: ({ spec }) => dropUnservedFields(spec.template?.spec),
  prepareForUpdate: ({ spec }) => dropUnservedFields(spec.template?.spec),
  validateCreate: validateReplicationController,
  validateUpdate: validateReplicationController,
  warningsOf: namedWorkloadWarnings(({ spec }) => ({ template: spec?.template, path: "spec.template" })),
  validateStatusUpdate: validateReplicationControllerStatus,
  orphansDependents: { warning: undefined },
  columns: [
    NAME_COLUMN,
    integerColumn("Desired", "Pods wanted."),
    integerColumn("Current", "Pods that exist."),
    integerColumn("Ready", "Pods that are ready."),
    AGE_COLUMN,
    ...templateColumns,
  ],
  printRow: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? "",
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    formatAge(metadata.creationTimestamp, nowMs),
    templateNames(spec.template),
    templateImages(spec.template),
    formatLabels(spec.selector),
  ],
};
