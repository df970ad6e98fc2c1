import { dropUnservedFields } from "../../core/pod/unserved-fields.ts";
import { namedWorkloadWarnings } from "../workload-warnings.ts";
import { applyPodTemplateDefaults } from "../../core/pod/defaults.ts";
import type { ReplicaSet as ReplicaSetObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition, SCALE_SUBRESOURCE, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, integerColumn, NAME_COLUMN } from "../../meta/columns.ts";
import { unchanged } from "../../meta/field-error.ts";
import { formatRequirements, requirementsOf } from "../../meta/label-selector.ts";
import { validateNotNegative } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import { validateWorkloadStatus } from "../status-validation.ts";
import { templateColumns, templateImages, templateNames, validateSelectorAndTemplate } from "../pod-template.ts";

export type ReplicaSet = ReplicaSetObject;

export const ReplicaSet: Resource<ReplicaSet> = {
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  scope: "Namespaced",
};

function applyReplicaSetDefaults({ spec }: ReplicaSet): void {
  spec.replicas ??= 1;
  applyPodTemplateDefaults(spec.template);
}

function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateSelectorAndTemplate(spec.selector, spec.template ?? {}),
  ];
}

function validateReplicaSetUpdate(replicaSet: ReplicaSet, old: ReplicaSet): FieldError[] {
  return [
    ...validateReplicaSet(replicaSet),
    ...unchanged("spec.selector", replicaSet.spec?.selector, old.spec?.selector),
  ];
}

function validateReplicaSetStatus({ status }: ReplicaSet): FieldError[] {
  return validateWorkloadStatus(status ?? {}, undefined, {
    counters: [
      "replicas",
      "fullyLabeledReplicas",
      "readyReplicas",
      "availableReplicas",
      "observedGeneration",
      "terminatingReplicas",
    ],
    atMostReplicas: ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
    readyName: "readyReplicas",
  });
}

export const replicaSetKind: KindDefinition<ReplicaSet> = {
  resource: ReplicaSet,
  singular: "replicaset",
  shortNames: ["rs"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [SCALE_SUBRESOURCE, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.apps.v1.ReplicaSet",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  selectableFields: {},
  applyDefaults: applyReplicaSetDefaults,
  prepareForCreate: ({ spec }) => dropUnservedFields(spec.template?.spec),
  prepareForUpdate: ({ spec }) => dropUnservedFields(spec.template?.spec),
  validateCreate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  warningsOf: namedWorkloadWarnings(({ spec }) => ({ template: spec?.template, path: "spec.template" })),
  validateStatusUpdate: validateReplicaSetStatus,
  columns: [
    NAME_COLUMN,
    integerColumn("Desired", "Pods wanted."),
    integerColumn("Current", "Pods that exist."),
    integerColumn("Ready", "Pods that are ready."),
    AGE_COLUMN,
    ...templateColumns,
  ],
  printRow: (replicaSet, nowMs) => [
    replicaSet.metadata.name ?? "",
    replicaSet.spec.replicas ?? 0,
    replicaSet.status?.replicas ?? 0,
    replicaSet.status?.readyReplicas ?? 0,
    formatAge(replicaSet.metadata.creationTimestamp, nowMs),
    templateNames(replicaSet.spec.template),
    templateImages(replicaSet.spec.template),
    formatRequirements(requirementsOf(replicaSet.spec.selector)),
  ],
};
