import { dropUnservedFields } from "../../core/pod/unserved-fields.ts";
import { workloadWarnings } from "../workload-warnings.ts";
import type { StatefulSet as StatefulSetObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, SCALE_SUBRESOURCE, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { templateColumns, templateImages, templateNames } from "../pod-template.ts";
import { applyStatefulSetDefaults } from "./defaults.ts";
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from "./validation.ts";

export type StatefulSet = StatefulSetObject;

export const StatefulSet: Resource<StatefulSet> = {
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  scope: "Namespaced",
};

/** Updating several pods at a time waits for its gate; what was let in once stays. */
function withoutUnserved({ spec }: StatefulSet, old: StatefulSet | undefined): void {
  dropUnservedFields(spec.template?.spec);
  if (old?.spec.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined) return;
  delete spec.updateStrategy?.rollingUpdate?.maxUnavailable;
}

export const statefulSetKind: KindDefinition<StatefulSet> = {
  resource: StatefulSet,
  singular: "statefulset",
  shortNames: ["sts"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [SCALE_SUBRESOURCE, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.apps.v1.StatefulSet",
  // A pod's name is the set's with a number, and a pod's name is its host name.
  nameRule: "dns1123Label",
  hasStatus: true,
  selectableFields: {},
  applyDefaults: applyStatefulSetDefaults,
  prepareForCreate: (statefulSet) => withoutUnserved(statefulSet, undefined),
  prepareForUpdate: withoutUnserved,
  validateCreate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  warningsOf: workloadWarnings(({ spec }) => ({ template: spec?.template, path: "spec.template" })),
  validateStatusUpdate: validateStatefulSetStatus,
  columns: [
    NAME_COLUMN,
    textColumn("Ready", "Ready pods of those wanted."),
    AGE_COLUMN,
    ...templateColumns.slice(0, 2),
  ],
  printRow: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? "",
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    formatAge(metadata.creationTimestamp, nowMs),
    templateNames(spec.template),
    templateImages(spec.template),
  ],
};
