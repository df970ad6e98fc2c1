import type { PersistentVolume, PersistentVolumeSpec, Quantity } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, isEqualJson, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import { validatePositiveQuantity, validateUnits } from "../../meta/quantity-validation.ts";
import { shownField } from "../../meta/said-empty.ts";
import { invalidTexts, validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateAccessModes, VOLUME_MODES } from "../../meta/volume-claims.ts";
import { validateNodeSelector } from "../pod/node-selector-validation.ts";
import { validateAffinityUpdate } from "./affinity-update.ts";
import { SOURCE_NAMES, validateVolumeSource } from "./source-validation.ts";

const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];

/** Sources whose drivers took mount options from an annotation. */
const MOUNT_OPTION_SOURCES = [
  ...["gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs"],
  ...["azureFile", "vsphereVolume", "azureDisk", "photonPersistentDisk"],
];
const MOUNT_OPTIONS_ANNOTATION = "volume.beta.kubernetes.io/mount-options";

export function validateVolume({ metadata, spec }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.accessModes?.length) errors.push(required("spec.accessModes"));
  errors.push(...validateAccessModes(spec.accessModes ?? [], "spec.accessModes"), ...validateCapacity(spec));
  errors.push(
    ...validateOptionalChoice(
      spec.persistentVolumeReclaimPolicy,
      RECLAIM_POLICIES,
      "spec.persistentVolumeReclaimPolicy",
    ),
  );
  if (spec.nodeAffinity) {
    const selector = spec.nodeAffinity.required;
    const field = "spec.nodeAffinity.required";
    if (!selector) errors.push(required(field, "must specify required node constraints"));
    else errors.push(...validateNodeSelector(selector, field));
  }
  errors.push(...validateVolumeSource(spec, "spec", metadata.name));
  if (spec.storageClassName) {
    const texts = checkDns1123Subdomain(spec.storageClassName);
    errors.push(...invalidTexts("spec.storageClassName", spec.storageClassName, texts));
  }
  return [
    ...errors,
    ...validateOptionalChoice(spec.volumeMode, VOLUME_MODES, "spec.volumeMode"),
    ...validateAttributesClass(spec),
    ...validateMountOptions(metadata, spec),
  ];
}

/** A volume that is written where it is used, and is nothing but a place of a CSI driver. */
export function validateInlineVolume(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const context = "in the context of inline volumes";
  const refuse = (name: string) => forbidden(`${path}.${name}`, `may not be specified ${context}`);
  const errors: FieldError[] = [];
  if (spec.claimRef) errors.push(refuse("claimRef"));
  if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(refuse("capacity"));
  if (!spec.csi) errors.push(required(`${path}.csi`, `has to be specified ${context}`));
  if (!spec.accessModes?.length) errors.push(required(`${path}.accessModes`));
  errors.push(...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`));
  if (spec.persistentVolumeReclaimPolicy && spec.persistentVolumeReclaimPolicy !== "Retain") {
    errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, `may only be Retain ${context}`));
  }
  if (spec.nodeAffinity) errors.push(refuse("nodeAffinity"));
  errors.push(...validateVolumeSource(spec, path));
  if (spec.storageClassName) errors.push(refuse("storageClassName"));
  if (spec.volumeMode !== undefined && spec.volumeMode !== "Filesystem") {
    errors.push(forbidden(`${path}.volumeMode`, `may not specify volumeMode other than Filesystem ${context}`));
  }
  return errors;
}

function validateMountOptions(metadata: PersistentVolume["metadata"], spec: PersistentVolumeSpec): FieldError[] {
  if (metadata.annotations?.[MOUNT_OPTIONS_ANNOTATION] === undefined) return [];
  if (MOUNT_OPTION_SOURCES.some((name) => name in spec)) return [];
  const text = "may not specify mount options for this volume type";
  return [forbidden(`metadata.annotations.${MOUNT_OPTIONS_ANNOTATION}`, text)];
}

function validateCapacity(spec: PersistentVolumeSpec): FieldError[] {
  const { capacity } = spec;
  const path = "spec.capacity";
  const errors: FieldError[] = [];
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(required(path));
  if (!names.includes("storage") || names.length > 1) {
    errors.push(notSupported(path, capacity ? sorted(capacity) : shownField(spec, "capacity"), ["storage"]));
  }
  return [
    ...errors,
    ...Object.entries(capacity ?? {}).flatMap(([name, value]) => [
      // Upstream says it twice, once as a number.
      ...validateUnits(value, `${path}[${name}]`),
      ...validatePositiveQuantity(value, `${path}[${name}]`),
    ]),
  ];
}

function sorted(amounts: Readonly<Record<string, Quantity>>): Record<string, Quantity> {
  return Object.fromEntries(Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec): FieldError[] {
  if (name === undefined) return [];
  const field = "spec.volumeAttributesClassName";
  const errors = name
    ? invalidTexts(field, name, checkDns1123Subdomain(name))
    : [required(field, "an empty string is disallowed")];
  if (!csi) errors.push(required("spec.csi", "has to be specified when using volumeAttributesClassName"));
  return errors;
}

export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validateVolume(volume);
  const sourcesOf = ({ spec }: PersistentVolume) =>
    Object.fromEntries(Object.entries(structuredClone(spec)).filter(([name]) => SOURCE_NAMES.has(name)));
  const sources = sourcesOf(volume);
  if (sources.csi && old.spec.csi && !old.spec.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _added, ...rest } = volume.spec.csi ?? {};
    sources.csi = rest;
  }
  if (!isEqualJson(sources, sourcesOf(old))) {
    const text = "spec.persistentvolumesource is immutable after creation";
    errors.push(forbidden("spec.persistentvolumesource", text));
  }
  errors.push(...unchanged("volumeMode", volume.spec.volumeMode, old.spec.volumeMode));
  errors.push(...validateAffinityUpdate(volume.spec.nodeAffinity, old.spec.nodeAffinity));
  if (old.spec.volumeAttributesClassName !== undefined && volume.spec.volumeAttributesClassName === undefined) {
    errors.push(forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden"));
  }
  return errors;
}
