import { dropUnservedFields } from "../../core/pod/unserved-fields.ts";
import { workloadWarnings } from "../workload-warnings.ts";
import { applyPodTemplateDefaults } from "../../core/pod/defaults.ts";
import type { DaemonSet as DaemonSetObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, formatLabels, integerColumn, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { formatRequirements, requirementsOf } from "../../meta/label-selector.ts";
import { isEqualJson } from "../../meta/field-error.ts";
import type { Resource } from "../../resource.ts";
import { templateColumns, templateImages, templateNames } from "../pod-template.ts";
import { validateDaemonSet, validateDaemonSetStatus, validateDaemonSetUpdate } from "./validation.ts";

export type DaemonSet = DaemonSetObject;

export const DaemonSet: Resource<DaemonSet> = {
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  scope: "Namespaced",
};

function applyDaemonSetDefaults(set: DaemonSet): void {
  setTemplateGeneration(set, templateGenerationOf(set));
  const { spec } = set;
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= "RollingUpdate";
  if (spec.updateStrategy.type === "RollingUpdate") {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  applyPodTemplateDefaults(spec.template);
}

/** Counts the changes of the template, as upstream does for clients from before there were revisions. */
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

function templateGenerationOf({ metadata }: DaemonSet): number {
  return Number.parseInt(metadata.annotations?.[TEMPLATE_GENERATION] ?? "0", 10) || 0;
}

function setTemplateGeneration(set: DaemonSet, generation: number): void {
  set.metadata.annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

/** Upstream has the number beside the metadata. */
function withoutTemplateGeneration({ annotations, ...metadata }: DaemonSet["metadata"]): DaemonSet["metadata"] {
  const { [TEMPLATE_GENERATION]: _generation, ...others } = annotations ?? {};
  return Object.keys(others).length === 0 ? metadata : { ...metadata, annotations: others };
}

function keepTemplateGeneration(set: DaemonSet, old: DaemonSet): void {
  dropUnservedFields(set.spec.template?.spec);
  const generation = templateGenerationOf(old);
  setTemplateGeneration(set, isEqualJson(set.spec.template, old.spec.template) ? generation : generation + 1);
}

export const daemonSetKind: KindDefinition<DaemonSet> = {
  resource: DaemonSet,
  singular: "daemonset",
  shortNames: ["ds"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.apps.v1.DaemonSet",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  selectableFields: {},
  applyDefaults: applyDaemonSetDefaults,
  prepareForCreate: (set) => {
    dropUnservedFields(set.spec.template?.spec);
    setTemplateGeneration(set, Math.max(templateGenerationOf(set), 1));
  },
  prepareForUpdate: keepTemplateGeneration,
  prepareForStatusUpdate: (set, old) => setTemplateGeneration(set, templateGenerationOf(old)),
  metadataAlone: withoutTemplateGeneration,
  validateCreate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  warningsOf: workloadWarnings(({ spec }) => ({ template: spec?.template, path: "spec.template" })),
  validateStatusUpdate: validateDaemonSetStatus,
  columns: [
    NAME_COLUMN,
    integerColumn("Desired", "Hosts that should run the pod."),
    integerColumn("Current", "Hosts that run it and should."),
    integerColumn("Ready", "Hosts whose pod is ready."),
    integerColumn("Up-to-date", "Hosts whose pod was made from the current template."),
    integerColumn("Available", "Hosts whose pod has been ready for long enough."),
    textColumn("Node Selector", "Labels of the hosts that should run the pod."),
    AGE_COLUMN,
    ...templateColumns,
  ],
  printRow: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? "",
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    formatLabels(spec.template?.spec?.nodeSelector),
    formatAge(metadata.creationTimestamp, nowMs),
    templateNames(spec.template),
    templateImages(spec.template),
    formatRequirements(requirementsOf(spec.selector)),
  ],
};
