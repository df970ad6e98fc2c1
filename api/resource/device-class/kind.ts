import type { DeviceClass as DeviceClassObject } from "../../generated/types.ts";
import { ALL_VERBS, type FaultsAt, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN } from "../../meta/columns.ts";
import { invalidValue, NO_FAULTS } from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import type { Resource } from "../../resource.ts";
import { validateItems } from "../device-names.ts";
import { CONFIGURATIONS_MAX, validateConfiguration, validateSelectors } from "../device-requests.ts";

export type DeviceClass = DeviceClassObject;

export const DeviceClass: Resource<DeviceClass> = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
};

function validateDeviceClass({ spec }: DeviceClass, faultsAt: FaultsAt = NO_FAULTS): FieldError[] {
  const { selectors, config, extendedResourceName: name } = spec ?? {};
  const errors = [
    ...validateSelectors(selectors, "spec.selectors", faultsAt),
    ...validateItems(config, "spec.config", {
      max: CONFIGURATIONS_MAX,
      check: ({ opaque }, path) => validateConfiguration(opaque, path),
    }),
  ];
  if (name !== undefined && !isExtendedResourceName(name)) {
    errors.push(invalidValue("spec.extendedResourceName", name, "must be a valid extended resource name"));
  }
  return errors;
}

/** "example.com/gpu": a resource that is not Kubernetes' own, and short enough to be asked for in a quota. */
function isExtendedResourceName(name: string): boolean {
  const isOwn = !name.includes("/") || name.includes("kubernetes.io/") || name.startsWith("requests.");
  return !isOwn && checkQualifiedName(`requests.${name}`).length === 0;
}

export const deviceClassKind: KindDefinition<DeviceClass> = {
  resource: DeviceClass,
  singular: "deviceclass",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.resource.v1.DeviceClass",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  isReturnedByDelete: true,
  checksGenerateName: "never",
  selectableFields: {},
  validateCreate: validateDeviceClass,
  validateUpdate: (deviceClass, _old, faultsAt) => validateDeviceClass(deviceClass, faultsAt),
  columns: [NAME_COLUMN, AGE_COLUMN],
  printRow: ({ metadata }, nowMs) => [metadata.name ?? "", formatAge(metadata.creationTimestamp, nowMs)],
};
