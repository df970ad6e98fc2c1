import type { ResourceClaimTemplate as ResourceClaimTemplateObject } from "../../generated/types.ts";
import { ALL_VERBS, type FaultsAt, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN } from "../../meta/columns.ts";
import { unchanged } from "../../meta/field-error.ts";
import { validateTemplateMetadata } from "../../meta/template-metadata.ts";
import type { Resource } from "../../resource.ts";
import { applyDeviceClaimDefaults, validateDeviceClaim } from "../device-requests.ts";

export type ResourceClaimTemplate = ResourceClaimTemplateObject;

export const ResourceClaimTemplate: Resource<ResourceClaimTemplate> = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  scope: "Namespaced",
};

function validateTemplate({ spec }: ResourceClaimTemplate, faultsAt?: FaultsAt): FieldError[] {
  return [
    ...validateTemplateMetadata(spec?.metadata ?? {}, "spec.metadata"),
    ...validateDeviceClaim(spec?.spec?.devices, "spec.spec.devices", faultsAt),
  ];
}

export const resourceClaimTemplateKind: KindDefinition<ResourceClaimTemplate> = {
  resource: ResourceClaimTemplate,
  singular: "resourceclaimtemplate",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.resource.v1.ResourceClaimTemplate",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: ({ spec }) => applyDeviceClaimDefaults(spec?.spec?.devices),
  validateCreate: validateTemplate,
  validateUpdate: (template, old, faultsAt) => [
    ...validateTemplate(template, faultsAt),
    ...unchanged("spec", template.spec, old.spec),
  ],
  columns: [NAME_COLUMN, AGE_COLUMN],
  printRow: ({ metadata }, nowMs) => [metadata.name ?? "", formatAge(metadata.creationTimestamp, nowMs)],
};
