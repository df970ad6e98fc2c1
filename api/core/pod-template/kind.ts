import { workloadWarnings } from "../../apps/workload-warnings.ts";
import { templateImages, templateNames } from "../../apps/pod-template.ts";
import type { PodTemplate as PodTemplateObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatLabels, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { applyPodTemplateDefaults } from "../pod/defaults.ts";
import { dropUnservedFields } from "../pod/unserved-fields.ts";
import { validatePodTemplate } from "../pod/validation.ts";

export type PodTemplate = PodTemplateObject;

export const PodTemplate: Resource<PodTemplate> = {
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
};

function validateTemplate({ template }: PodTemplate): FieldError[] {
  return validatePodTemplate(template ?? {}, "template");
}

export const podTemplateKind: KindDefinition<PodTemplate> = {
  resource: PodTemplate,
  singular: "podtemplate",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.core.v1.PodTemplate",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  isReturnedByDelete: true,
  selectableFields: {},
  applyDefaults: (object) => {
    object.template ??= {};
    applyPodTemplateDefaults(object.template);
  },
  prepareForCreate: ({ template }) => dropUnservedFields(template?.spec),
  prepareForUpdate: ({ template }) => dropUnservedFields(template?.spec),
  validateCreate: validateTemplate,
  validateUpdate: validateTemplate,
  warningsOf: workloadWarnings(({ template }) => ({ template, path: "template" })),
  columns: [
    NAME_COLUMN,
    textColumn("Containers", "Names of the template's containers."),
    textColumn("Images", "Images of the template's containers."),
    textColumn("Pod Labels", "Labels of the pods."),
  ],
  printRow: ({ metadata, template }) => [
    metadata.name ?? "",
    templateNames(template),
    templateImages(template),
    formatLabels(template?.metadata?.labels),
  ],
};
