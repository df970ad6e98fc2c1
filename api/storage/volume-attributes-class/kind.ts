import type { VolumeAttributesClass as VolumeAttributesClassObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { forbidden, isEqualJson, required } from "../../meta/field-error.ts";
import type { Resource } from "../../resource.ts";
import { validateParameters, validateProvisioner } from "../provisioner-validation.ts";

export type VolumeAttributesClass = VolumeAttributesClassObject;

export const VolumeAttributesClass: Resource<VolumeAttributesClass> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  plural: "volumeattributesclasses",
  scope: "Cluster",
};

const DEFAULT_ANNOTATION = "volumeattributesclass.kubernetes.io/is-default-class";

function validateAttributesClass({ driverName, parameters }: VolumeAttributesClass): FieldError[] {
  const errors = [...validateProvisioner(driverName, "driverName"), ...validateParameters(parameters)];
  if (Object.keys(parameters ?? {}).length === 0)
    errors.push(required("parameters", "must contain at least one key/value pair"));
  return errors;
}

function validateAttributesClassUpdate(attributesClass: VolumeAttributesClass, old: VolumeAttributesClass) {
  const errors: FieldError[] = [];
  if (attributesClass.driverName !== old.driverName) {
    errors.push(forbidden("driverName", "updates to driverName are forbidden."));
  }
  if (!isEqualJson(attributesClass.parameters, old.parameters)) {
    errors.push(forbidden("parameters", "updates to parameters are forbidden."));
  }
  return [...errors, ...validateAttributesClass(attributesClass)];
}

export const volumeAttributesClassKind: KindDefinition<VolumeAttributesClass> = {
  resource: VolumeAttributesClass,
  singular: "volumeattributesclass",
  shortNames: ["vac"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.storage.v1.VolumeAttributesClass",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {},
  validateCreate: validateAttributesClass,
  validateUpdate: validateAttributesClassUpdate,
  columns: [NAME_COLUMN, textColumn("DriverName", "The driver that knows the class's parameters."), AGE_COLUMN],
  printRow: ({ metadata, driverName }, nowMs) => [
    `${metadata.name ?? ""}${metadata.annotations?.[DEFAULT_ANNOTATION] === "true" ? " (default)" : ""}`,
    driverName ?? "",
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
