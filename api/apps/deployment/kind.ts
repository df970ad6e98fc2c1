import { dropUnservedFields } from "../../core/pod/unserved-fields.ts";
import { namedWorkloadWarnings } from "../workload-warnings.ts";
import type { Deployment as DeploymentObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, SCALE_SUBRESOURCE, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { formatRequirements, requirementsOf } from "../../meta/label-selector.ts";
import type { Resource } from "../../resource.ts";
import { templateColumns, templateImages, templateNames } from "../pod-template.ts";
import { applyDeploymentDefaults } from "./defaults.ts";
import { validateDeployment, validateDeploymentStatus, validateDeploymentUpdate } from "./validation.ts";

export type Deployment = DeploymentObject;

export const Deployment: Resource<Deployment> = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  scope: "Namespaced",
};

export const deploymentKind: KindDefinition<Deployment> = {
  resource: Deployment,
  singular: "deployment",
  shortNames: ["deploy"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [SCALE_SUBRESOURCE, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.apps.v1.Deployment",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  // Its ReplicaSets get its annotations.
  countedMetadata: "annotations",
  resetFields: { status: [["spec"], ["metadata", "labels"]] },
  selectableFields: {},
  applyDefaults: applyDeploymentDefaults,
  prepareForCreate: ({ spec }) => dropUnservedFields(spec.template?.spec),
  prepareForUpdate: ({ spec }) => dropUnservedFields(spec.template?.spec),
  // Its labels are its owner's, whoever writes the status.
  prepareForStatusUpdate: ({ metadata }, old) => {
    delete metadata.labels;
    if (old.metadata.labels) metadata.labels = old.metadata.labels;
  },
  validateCreate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  warningsOf: namedWorkloadWarnings(({ spec }) => ({ template: spec?.template, path: "spec.template" })),
  validateStatusUpdate: validateDeploymentStatus,
  columns: [
    NAME_COLUMN,
    textColumn("Ready", "Ready pods of those wanted."),
    textColumn("Up-to-date", "Pods made from the current template."),
    textColumn("Available", "Pods that have been ready for long enough."),
    AGE_COLUMN,
    ...templateColumns,
  ],
  printRow: (deployment, nowMs) => [
    deployment.metadata.name ?? "",
    `${deployment.status?.readyReplicas ?? 0}/${deployment.spec.replicas ?? 0}`,
    deployment.status?.updatedReplicas ?? 0,
    deployment.status?.availableReplicas ?? 0,
    formatAge(deployment.metadata.creationTimestamp, nowMs),
    templateNames(deployment.spec.template),
    templateImages(deployment.spec.template),
    formatRequirements(requirementsOf(deployment.spec.selector)),
  ],
};
