// Where a volume's bytes may be, with what each place must say. Most of these have no driver any more and are kept for those
// who still have them; they are checked as long as they can be written.

import type { PersistentVolumeSpec, SecretReference } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required, tooLong } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain } from "../../meta/names.ts";
import { invalidTexts, validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateNoBackSteps } from "../pod/path-validation.ts";

type Source<Name extends keyof PersistentVolumeSpec> = NonNullable<PersistentVolumeSpec[Name]>;
type Check<Name extends keyof PersistentVolumeSpec> = (
  source: Source<Name>,
  path: string,
  volumeName: string,
) => FieldError[];

const DRIVER_LENGTH_MAX = 63;
const HOST_PATH_TYPES = [
  ...["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"],
];
export const RANGE_TEXT = "must be between 0 and 255, inclusive";
export const ISCSI_FORMAT_TEXT = "must be valid format";
export const ISCSI_NAMES = [
  /^iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  /^eui.[A-Za-z0-9]{16}$/,
  /^naa.[A-Za-z0-9]{32}$/,
];
/** Together they name a device on the host. */
const ISCSI_PORTAL_LENGTH_MAX = 64;
const QUOBYTE_TEXT = "must be a host:port pair or multiple pairs separated by commas";
const TENANT_LENGTH_MAX = 64;

/** In the order in which a second one is found. */
export const SOURCE_CHECKS: { readonly [Name in keyof PersistentVolumeSpec]?: Check<Name> } = {
  hostPath: validateHostPath,
  // The path is upstream's, which is not the field's.
  gcePersistentDisk: ({ pdName, partition }, path) => [
    ...need({ pdName }, path.replace(/gcePersistentDisk$/, "persistentDisk")),
    ...validatePartition(partition, path.replace(/gcePersistentDisk$/, "persistentDisk")),
  ],
  awsElasticBlockStore: ({ volumeID, partition }, path) => [
    ...need({ volumeID }, path),
    ...validatePartition(partition, path),
  ],
  glusterfs: validateGlusterfs,
  flocker: validateFlocker,
  nfs: ({ server, path: exported }, path) => [
    ...need({ server, path: exported }, path),
    ...(exported?.startsWith("/") ? [] : [invalidValue(`${path}.path`, exported ?? "", "must be an absolute path")]),
  ],
  rbd: ({ monitors, image }, path) => [...needSome({ monitors }, path), ...need({ image }, path)],
  quobyte: validateQuobyte,
  cephfs: ({ monitors }, path) => needSome({ monitors }, path),
  iscsi: validateIscsi,
  cinder: ({ volumeID, secretRef }, path) => [...need({ volumeID }, path), ...validateReference(secretRef, path)],
  fc: validateFibreChannel,
  flexVolume: validateFlexVolume,
  azureFile: ({ secretName, shareName, secretNamespace }, path) => [
    ...need({ secretName, shareName }, path),
    ...(secretNamespace === "" ? [required(`${path}.secretNamespace`)] : []),
  ],
  vsphereVolume: ({ volumePath }, path) => need({ volumePath }, path),
  photonPersistentDisk: ({ pdID }, path) => need({ pdID }, path),
  portworxVolume: ({ volumeID }, path) => need({ volumeID }, path),
  azureDisk: validateAzureDisk,
  scaleIO: ({ gateway, system, volumeName }, path) => need({ gateway, system, volumeName }, path),
  local: ({ path: directory }, path) =>
    directory ? validateNoBackSteps(directory, `${path}.path`) : need({ path: "" }, path),
  storageos: validateStorageOs,
  csi: validateCsi,
};

/** The names of all fields that are sources. */
export const SOURCE_NAMES: ReadonlySet<string> = new Set(Object.keys(SOURCE_CHECKS));

export function validateVolumeSource(spec: PersistentVolumeSpec, path: string, volumeName = ""): FieldError[] {
  let hasSource = false;
  const errors = Object.keys(SOURCE_CHECKS).flatMap((key) => {
    const name = key as keyof PersistentVolumeSpec; // a key of the table
    const source = spec[name];
    if (source === undefined) return [];
    if (hasSource && name !== "flexVolume") {
      return [forbidden(`${path}.${name === "cephfs" ? "cephFS" : name}`, "may not specify more than 1 volume type")];
    }
    hasSource = true;
    const check = SOURCE_CHECKS[name] as Check<typeof name>; // the table has each source's own check under its name
    const found = check(source, `${path}.${name}`, volumeName);
    if (name === "local" && !spec.nodeAffinity) {
      found.push(required(`${path}.nodeAffinity`, "Local volume requires node affinity"));
    }
    return found;
  });
  if (!hasSource) errors.push(required(path, "must specify a volume type"));
  const isRoot = spec.hostPath?.path !== undefined && /^\/[/.]*$/.test(spec.hostPath.path);
  if (isRoot && spec.persistentVolumeReclaimPolicy === "Recycle") {
    const text = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, text));
  }
  return errors;
}

export function need(values: Readonly<Record<string, string | undefined>>, path: string): FieldError[] {
  return Object.entries(values).flatMap(([name, value]) => (value ? [] : [required(`${path}.${name}`)]));
}

/** What they are is not looked at. */
export function needSome(lists: Readonly<Record<string, readonly string[] | undefined>>, path: string): FieldError[] {
  return Object.entries(lists).flatMap(([name, list]) => (list?.length ? [] : [required(`${path}.${name}`)]));
}

function validatePartition(partition: number | undefined, path: string): FieldError[] {
  const isOutside = partition !== undefined && (partition < 0 || partition > 255);
  return isOutside ? [invalidValue(`${path}.partition`, partition, "must be between 1 and 255, inclusive")] : [];
}

function validateReference(reference: { name?: string; namespace?: string } | undefined, path: string): FieldError[] {
  if (!reference) return [];
  return need({ name: reference.name, namespace: reference.namespace }, `${path}.secretRef`);
}

function validateHostPath({ path: directory, type }: Source<"hostPath">, path: string): FieldError[] {
  if (!directory) return [required(`${path}.path`)];
  return [
    ...validateNoBackSteps(directory, `${path}.path`),
    ...validateOptionalChoice(type, HOST_PATH_TYPES, `${path}.type`),
  ];
}

function validateGlusterfs(source: Source<"glusterfs">, path: string): FieldError[] {
  const { endpoints, path: volume, endpointsNamespace } = source;
  const errors = need({ endpoints, path: volume }, path);
  const field = `${path}.endpointsNamespace`;
  if (endpointsNamespace === "") {
    const text = "if the endpointnamespace is set, it must be a valid namespace name";
    errors.push(invalidValue(field, "", text));
  } else if (endpointsNamespace !== undefined) {
    errors.push(...invalidTexts(field, endpointsNamespace, checkDns1123Label(endpointsNamespace)));
  }
  return errors;
}

function validateFlocker({ datasetName = "", datasetUUID = "" }: Source<"flocker">, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!datasetName && !datasetUUID) errors.push(required(path, "one of datasetName and datasetUUID is required"));
  if (datasetName && datasetUUID) {
    errors.push(invalidValue(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"));
  }
  if (datasetName.includes("/")) errors.push(invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'"));
  return errors;
}

function validateQuobyte({ registry = "", tenant = "", volume }: Source<"quobyte">, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!registry) errors.push(required(`${path}.registry`, QUOBYTE_TEXT));
  else if (tenant.length > TENANT_LENGTH_MAX) {
    errors.push(required(`${path}.tenant`, "must be a UUID and may not exceed a length of 64 characters"));
  } else {
    const bad = registry.split(",").filter((pair) => !/^([^:[\]]*|\[[^[\]]*\]):[^:]*$/.test(pair));
    errors.push(...bad.map(() => invalidValue(`${path}.registry`, registry, QUOBYTE_TEXT)));
  }
  return [...errors, ...need({ volume }, path)];
}

function validateIscsi(source: Source<"iscsi">, path: string, volumeName: string): FieldError[] {
  const { targetPortal = "", iqn, lun, initiatorName, secretRef } = source;
  const errors = need({ targetPortal }, path);
  if (initiatorName !== undefined && `${volumeName}:${targetPortal}`.length > ISCSI_PORTAL_LENGTH_MAX) {
    const text =
      "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
    errors.push(invalidValue(`${path}.targetportal`, targetPortal, text));
  }
  const isName = (name: string) => ISCSI_NAMES.some((pattern) => pattern.test(name));
  if (!iqn) errors.push(required(`${path}.iqn`));
  else if (!isName(iqn)) errors.push(invalidValue(`${path}.iqn`, iqn, ISCSI_FORMAT_TEXT));
  if (lun !== undefined && (lun < 0 || lun > 255)) errors.push(invalidValue(`${path}.lun`, lun, RANGE_TEXT));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !secretRef) errors.push(required(`${path}.secretRef`));
  if (secretRef && !secretRef.name) errors.push(required(`${path}.secretRef.name`));
  if (initiatorName !== undefined && !isName(initiatorName)) {
    errors.push(invalidValue(`${path}.initiatorname`, initiatorName, ISCSI_FORMAT_TEXT));
  }
  return errors;
}

function validateFibreChannel({ targetWWNs = [], wwids = [], lun }: Source<"fc">, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(required(`${path}.targetWWNs`, "must specify either targetWWNs or wwids, but not both"));
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    const text = "targetWWNs and wwids can not be specified simultaneously";
    errors.push(invalidValue(`${path}.targetWWNs`, targetWWNs, text));
  }
  if (targetWWNs.length === 0) return errors;
  if (lun === undefined) errors.push(required(`${path}.lun`, "lun is required if targetWWNs is specified"));
  else if (lun < 0 || lun > 255) errors.push(invalidValue(`${path}.lun`, lun, RANGE_TEXT));
  return errors;
}

function validateFlexVolume({ driver, options = {} }: Source<"flexVolume">, path: string): FieldError[] {
  const isReserved = (key: string) => /\.(kubernetes|k8s)\.io$/.test(`.${key.split("/", 1)[0]?.toLowerCase()}`);
  const text = "kubernetes.io and k8s.io namespaces are reserved";
  return [
    ...need({ driver }, path),
    ...Object.keys(options)
      .filter((key) => isReserved(key))
      .map((key) => invalidValue(`${path}.options[${key}]`, key, text)),
  ];
}

function validateAzureDisk(
  { diskName, diskURI = "", cachingMode, kind }: Source<"azureDisk">,
  path: string,
): FieldError[] {
  const errors = [
    ...need({ diskName, diskURI }, path),
    ...validateOptionalChoice(cachingMode, ["None", "ReadOnly", "ReadWrite"], `${path}.cachingMode`),
    ...validateOptionalChoice(kind, ["Dedicated", "Managed", "Shared"], `${path}.kind`),
  ];
  const managed = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
  const blob = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
  const [start, form] = kind === "Managed" ? ["/subscriptions/", managed] : ["https://", blob];
  if (kind !== undefined && !diskURI.startsWith(start)) errors.push(notSupported(`${path}.diskURI`, diskURI, [form]));
  return errors;
}

function validateStorageOs(source: Source<"storageos">, path: string): FieldError[] {
  const { volumeName, volumeNamespace, secretRef } = source;
  const errors = need({ volumeName }, path);
  for (const [name, value] of Object.entries({ volumeName, volumeNamespace })) {
    if (value) errors.push(...invalidTexts(`${path}.${name}`, value, checkDns1123Label(value)));
  }
  return [...errors, ...validateReference(secretRef, path)];
}

const CSI_SECRETS = [
  "controllerPublishSecretRef",
  "controllerExpandSecretRef",
  "nodePublishSecretRef",
  "nodeExpandSecretRef",
] as const;

function validateCsi(source: Source<"csi">, path: string): FieldError[] {
  const { driver, volumeHandle } = source;
  return [
    ...validateDriverName(driver, `${path}.driver`),
    ...need({ volumeHandle }, path),
    ...CSI_SECRETS.flatMap((name) => validateSecret(source[name], `${path}.${name}`)),
  ];
}

/** Drivers' names are parts of paths on hosts. */
export function validateDriverName(driver: string | undefined, field: string): FieldError[] {
  if (!driver) return [required(field)];
  return [
    ...(driver.length > DRIVER_LENGTH_MAX ? [tooLong(field, DRIVER_LENGTH_MAX)] : []),
    ...invalidTexts(field, driver, checkDns1123Subdomain(driver.toLowerCase())),
  ];
}

function validateSecret(secret: SecretReference | undefined, path: string): FieldError[] {
  if (!secret) return [];
  const { name, namespace } = secret;
  return [
    ...(name ? invalidTexts(`${path}.name`, name, checkDns1123Subdomain(name)) : [required(`${path}.name`)]),
    ...(namespace
      ? invalidTexts(`${path}.namespace`, namespace, checkDns1123Label(namespace))
      : [required(`${path}.namespace`)]),
  ];
}
