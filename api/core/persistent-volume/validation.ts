import type { PersistentVolume, PersistentVolumeSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, isEqualJson, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import { validatePositiveQuantity } from "../../meta/quantity-validation.ts";
import { invalidTexts, validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateAccessModes, VOLUME_MODES } from "../../meta/volume-claims.ts";
import { validateNodeSelector } from "../pod/node-selector-validation.ts";

const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];

/** Where a volume's bytes may be, with what each must say; the order is that in which a second one is found. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  hostPath: ["path"],
  gcePersistentDisk: ["pdName"],
  awsElasticBlockStore: ["volumeID"],
  glusterfs: ["endpoints", "path"],
  flocker: [],
  nfs: ["server", "path"],
  rbd: ["monitors", "image"],
  quobyte: ["registry", "volume"],
  cephfs: ["monitors"],
  iscsi: ["targetPortal", "iqn"],
  cinder: ["volumeID"],
  fc: [],
  flexVolume: ["driver"],
  azureFile: ["secretName", "shareName"],
  vsphereVolume: ["volumePath"],
  photonPersistentDisk: ["pdID"],
  portworxVolume: ["volumeID"],
  azureDisk: ["diskName", "diskURI"],
  scaleIO: ["gateway", "system", "volumeName"],
  local: ["path"],
  storageos: [],
  csi: ["driver", "volumeHandle"],
};

export function validateVolume({ spec }: PersistentVolume): FieldError[] {
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
  errors.push(...validateSource(spec));
  if (spec.storageClassName) {
    const texts = checkDns1123Subdomain(spec.storageClassName);
    errors.push(...invalidTexts("spec.storageClassName", spec.storageClassName, texts));
  }
  return [
    ...errors,
    ...validateOptionalChoice(spec.volumeMode, VOLUME_MODES, "spec.volumeMode"),
    ...validateAttributesClass(spec),
  ];
}

function validateCapacity({ capacity = {} }: PersistentVolumeSpec): FieldError[] {
  const path = "spec.capacity";
  const errors: FieldError[] = [];
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(required(path));
  if (!names.includes("storage") || names.length > 1) errors.push(notSupported(path, capacity, ["storage"]));
  return [
    ...errors,
    ...Object.entries(capacity).flatMap(([name, value]) => validatePositiveQuantity(value, `${path}[${name}]`)),
  ];
}

function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const fields = spec as Readonly<Record<string, unknown>>; // sources are looked up by their names
  const [first, ...others] = Object.keys(SOURCES).filter((name) => fields[name] !== undefined);
  if (first === undefined) return [required("spec", "must specify a volume type")];
  const source = fields[first] as Readonly<Record<string, unknown>>; // every source is an object in the schema
  const errors = (SOURCES[first] ?? [])
    .filter((name) => source[name] === undefined || source[name] === "")
    .map((name) => required(`spec.${first}.${name}`));
  if (first === "local" && !spec.nodeAffinity?.required) {
    errors.push(required("spec.nodeAffinity", "Local volume requires node affinity"));
  }
  return [...errors, ...others.map((name) => forbidden(`spec.${name}`, "may not specify more than 1 volume type"))];
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
    Object.fromEntries(Object.entries(structuredClone(spec)).filter(([name]) => name in SOURCES));
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
  if (old.spec.volumeAttributesClassName !== undefined && volume.spec.volumeAttributesClassName === undefined) {
    errors.push(forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden"));
  }
  return errors;
}
