import type { StorageClass as StorageClassObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { IMMUTABLE_FIELD, invalidValue, isEqualJson } from "../../meta/field-error.ts";
import { shownField } from "../../meta/said-empty.ts";
import { validateOptionalChoice } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import { validateParameters, validateProvisioner } from "../provisioner-validation.ts";
import { topologyWarnings, validateTopologies } from "./topology-validation.ts";

export type StorageClass = StorageClassObject;

export const StorageClass: Resource<StorageClass> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  scope: "Cluster",
};

const DEFAULT_ANNOTATION = "storageclass.kubernetes.io/is-default-class";
const BETA_DEFAULT_ANNOTATION = "storageclass.beta.kubernetes.io/is-default-class";

/** Claims that name no class get the default one. */
export function isDefaultClass({ metadata }: StorageClass): boolean {
  return [DEFAULT_ANNOTATION, BETA_DEFAULT_ANNOTATION].some((name) => metadata.annotations?.[name] === "true");
}

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode } = storageClass;
  return [
    ...validateProvisioner(provisioner, "provisioner"),
    ...validateParameters(parameters),
    ...(reclaimPolicy === "" ? [] : validateOptionalChoice(reclaimPolicy, ["Delete", "Retain"], "reclaimPolicy")),
    ...validateOptionalChoice(volumeBindingMode, ["Immediate", "WaitForFirstConsumer"], "volumeBindingMode"),
    ...validateTopologies(storageClass.allowedTopologies ?? []),
  ];
}

function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors = validateStorageClass(storageClass);
  for (const field of ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] as const) {
    const isAbsent = storageClass[field] === undefined || isEqualJson(storageClass[field], {});
    const wasAbsent = old[field] === undefined || isEqualJson(old[field], {});
    const isChanged = !(isAbsent && wasAbsent) && !isEqualJson(storageClass[field], old[field]);
    if (isChanged) errors.push(invalidValue(field, shownField(storageClass, field), IMMUTABLE_FIELD));
  }
  return errors;
}

export const storageClassKind: KindDefinition<StorageClass> = {
  resource: StorageClass,
  singular: "storageclass",
  shortNames: ["sc"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.storage.v1.StorageClass",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: (storageClass) => {
    storageClass.reclaimPolicy ??= "Delete";
    storageClass.volumeBindingMode ??= "Immediate";
  },
  validateCreate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  warningsOf: ({ allowedTopologies }) => topologyWarnings(allowedTopologies ?? []),
  columns: [
    NAME_COLUMN,
    textColumn("Provisioner", "Who makes volumes of the class."),
    textColumn("ReclaimPolicy", "What becomes of a volume without its claim."),
    textColumn("VolumeBindingMode", "When a claim gets its volume."),
    textColumn("AllowVolumeExpansion", "Whether volumes may grow."),
    AGE_COLUMN,
  ],
  printRow: (storageClass, nowMs) => [
    `${storageClass.metadata.name ?? ""}${isDefaultClass(storageClass) ? " (default)" : ""}`,
    storageClass.provisioner ?? "",
    storageClass.reclaimPolicy ?? "Delete",
    storageClass.volumeBindingMode ?? "Immediate",
    storageClass.allowVolumeExpansion ?? false,
    formatAge(storageClass.metadata.creationTimestamp, nowMs),
  ],
};
