// The volumes of a pod: each has a name of its own and one source, and the sources differ a lot.

import type { ISCSIVolumeSource, ObjectMeta, Volume } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, required } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain } from "../../meta/names.ts";
import { validateAnnotations, validateLabels } from "../../meta/object-meta.ts";
import { parseQuantity } from "../../meta/quantity.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";
import {
  ISCSI_FORMAT_TEXT,
  ISCSI_NAMES,
  need,
  RANGE_TEXT,
  SOURCE_CHECKS,
  validateDriverName,
} from "../persistent-volume/source-validation.ts";
import { validateClaimSpec } from "../persistent-volume-claim/validation.ts";
import { PULL_POLICIES } from "./container-validation.ts";
import { validateDescendingPath, validateMode } from "./path-validation.ts";
import { validateDownwardFiles, validateItems, validateProjected } from "./projection-validation.ts";

/** Whose volumes they are: "" for a template's, whose pods have names of their own. */
export interface VolumeOwner {
  readonly isPod: boolean;
  readonly name: string;
}

/** Errors of the volumes, and those that containers may mount. */
export function validateVolumes(
  volumes: readonly Volume[],
  owner: VolumeOwner,
  path: string,
): { readonly errors: FieldError[]; readonly sound: ReadonlyMap<string, Volume> } {
  const sound = new Map<string, Volume>();
  const claims = new Set(
    volumes.filter(({ ephemeral }) => ephemeral && owner.name).map(({ name }) => `${owner.name}-${name}`),
  );
  const errors = volumes.flatMap((volume, i) => {
    const field = `${path}[${i}]`;
    const { name = "" }: Partial<Volume> = volume;
    const faults = [
      ...validateSource(volume, owner, field),
      ...(name ? invalidTexts(`${field}.name`, name, checkDns1123Label(name)) : [required(`${field}.name`)]),
    ];
    if (sound.has(name)) faults.push(duplicate(`${field}.name`, name));
    if (faults.length === 0) sound.set(name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim && claims.has(claim)) {
      const text = "must not reference a PVC that gets created for an ephemeral volume";
      faults.push(invalidValue(`${field}.persistentVolumeClaim.claimName`, claim, text));
    }
    return faults;
  });
  return { errors, sound };
}

type SourceName = Exclude<keyof Volume, "name">;
type Check<Name extends SourceName> = (
  source: NonNullable<Volume[Name]>,
  path: string,
  context: { readonly volume: Volume; readonly owner: VolumeOwner },
) => FieldError[];

/** In the order in which a second one is found. */
const CHECKS: { readonly [Name in SourceName]: Check<Name> | undefined } = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && (parseQuantity(sizeLimit)?.nanos ?? -1n) < 0n
      ? [forbidden(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
      : [],
  hostPath: (source, path) => checkAsVolume("hostPath", source, path),
  gitRepo: ({ repository, directory = "" }, path) => [
    ...need({ repository }, path),
    ...validateDescendingPath(directory, `${path}.directory`),
  ],
  gcePersistentDisk: (source, path) => checkAsVolume("gcePersistentDisk", source, path),
  awsElasticBlockStore: (source, path) => checkAsVolume("awsElasticBlockStore", source, path),
  secret: ({ secretName, defaultMode, items = [] }, path) => [
    ...need({ secretName }, path),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...validateItems(items, `${path}.items`),
  ],
  nfs: (source, path) => checkAsVolume("nfs", source, path),
  iscsi: validateIscsi,
  glusterfs: (source, path) => checkAsVolume("glusterfs", source, path),
  flocker: (source, path) => checkAsVolume("flocker", source, path),
  persistentVolumeClaim: ({ claimName }, path) => need({ claimName }, path),
  rbd: (source, path) => checkAsVolume("rbd", source, path),
  cinder: ({ volumeID, secretRef }, path) => [...need({ volumeID }, path), ...validateSecretName(secretRef, path)],
  cephfs: (source, path) => checkAsVolume("cephfs", source, path),
  quobyte: (source, path) => checkAsVolume("quobyte", source, path),
  downwardAPI: ({ defaultMode, items = [] }, path) => [
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...validateDownwardFiles(items, path),
  ],
  fc: (source, path) => checkAsVolume("fc", source, path),
  flexVolume: (source, path) => checkAsVolume("flexVolume", source, path),
  configMap: ({ name, defaultMode, items = [] }, path) => [
    ...need({ name }, path),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...validateItems(items, `${path}.items`),
  ],
  azureFile: (source, path) => checkAsVolume("azureFile", source, path),
  vsphereVolume: (source, path) => checkAsVolume("vsphereVolume", source, path),
  photonPersistentDisk: (source, path) => checkAsVolume("photonPersistentDisk", source, path),
  portworxVolume: (source, path) => checkAsVolume("portworxVolume", source, path),
  azureDisk: (source, path) => checkAsVolume("azureDisk", source, path),
  storageos: ({ volumeName, volumeNamespace, secretRef }, path) => [
    ...need({ volumeName }, path),
    ...Object.entries({ volumeName, volumeNamespace }).flatMap(([name, value]) =>
      value ? invalidTexts(`${path}.${name}`, value, checkDns1123Label(value)) : [],
    ),
    ...validateSecretName(secretRef, path),
  ],
  projected: (source, path) => validateProjected(source, path),
  scaleIO: (source, path) => checkAsVolume("scaleIO", source, path),
  csi: ({ driver, nodePublishSecretRef: secret }, path) => [
    ...validateDriverName(driver, `${path}.driver`),
    ...(secret ? validatePublishSecret(secret.name, path) : []),
  ],
  ephemeral: validateEphemeral,
  image: ({ reference, pullPolicy }, path, { owner }) => [
    ...(owner.isPod ? need({ reference }, path) : []),
    ...validateChoice(pullPolicy, PULL_POLICIES, `${path}.pullPolicy`),
  ],
};

/** Upstream's spelling of fields that are one too many. */
const SPELLINGS: Readonly<Record<string, string>> = { cephfs: "cephFS", downwardAPI: "downwarAPI" };

function validateSource(volume: Volume, owner: VolumeOwner, path: string): FieldError[] {
  let hasSource = false;
  const errors = Object.keys(CHECKS).flatMap((key) => {
    const name = key as SourceName; // a key of the table
    const source = volume[name];
    if (source === undefined) return [];
    if (hasSource) {
      return [forbidden(`${path}.${SPELLINGS[name] ?? name}`, "may not specify more than 1 volume type")];
    }
    hasSource = true;
    const check = CHECKS[name] as Check<typeof name>; // the table has each source's own check under its name
    return check(source, `${path}.${name}`, { volume, owner });
  });
  if (!hasSource) errors.push(required(path, "must specify a volume type"));
  return [...errors, ...validateIscsiLength(volume, path)];
}

/** Sources that volumes of the cluster have, too, and that are checked alike. */
function checkAsVolume<Name extends keyof typeof SOURCE_CHECKS>(
  name: Name,
  source: Parameters<NonNullable<(typeof SOURCE_CHECKS)[Name]>>[0],
  path: string,
): FieldError[] {
  return SOURCE_CHECKS[name]?.(source, path, "") ?? [];
}

function validateSecretName(secret: { readonly name?: string } | undefined, path: string): FieldError[] {
  return secret ? need({ name: secret.name }, `${path}.secretRef`) : [];
}

/** Where it is missing, and where it is wrong, upstream names differently. */
function validatePublishSecret(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(`${path}.nodePublishSecretRef.name`)];
  return invalidTexts(`${path}.name`, name, checkDns1123Subdomain(name));
}

const ISCSI_PREFIXES = ["iqn", "eui", "naa"];
const ISCSI_PORTAL_LENGTH_MAX = 64;

function validateIscsi(source: ISCSIVolumeSource, path: string): FieldError[] {
  const { targetPortal, iqn, lun = 0, initiatorName, secretRef }: Partial<ISCSIVolumeSource> = source;
  const errors = need({ targetPortal, iqn }, path);
  if (iqn) errors.push(...validateIscsiName(iqn, `${path}.iqn`));
  if (lun < 0 || lun > 255) errors.push(invalidValue(`${path}.lun`, lun, RANGE_TEXT));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !secretRef) errors.push(required(`${path}.secretRef`));
  if (initiatorName !== undefined) errors.push(...validateIscsiName(initiatorName, `${path}.initiatorname`));
  return errors;
}

function validateIscsiName(name: string, field: string): FieldError[] {
  if (!ISCSI_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    return [invalidValue(field, name, `${ISCSI_FORMAT_TEXT} starting with iqn, eui, or naa`)];
  }
  return ISCSI_NAMES.some((pattern) => pattern.test(name)) ? [] : [invalidValue(field, name, ISCSI_FORMAT_TEXT)];
}

/** Together they name a device on the host. */
function validateIscsiLength({ name = "", iscsi }: Partial<Volume>, path: string): FieldError[] {
  if (iscsi?.initiatorName === undefined) return [];
  if (`${name}:${iscsi.targetPortal ?? ""}`.length <= ISCSI_PORTAL_LENGTH_MAX) return [];
  const text =
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
  return [invalidValue(`${path}.name`, name, text)];
}

function validateEphemeral(
  { volumeClaimTemplate: template }: NonNullable<Volume["ephemeral"]>,
  path: string,
  { volume: { name = "" }, owner }: { readonly volume: Partial<Volume>; readonly owner: VolumeOwner },
): FieldError[] {
  const field = `${path}.volumeClaimTemplate`;
  const errors = template
    ? [
        ...validateTemplateMetadata(template.metadata ?? {}, `${field}.metadata`),
        ...validateClaimSpec(template.spec ?? {}, `${field}.spec`),
      ]
    : [required(field)];
  if (!owner.name || !name) return errors;
  const claim = `${owner.name}-${name}`;
  const texts = checkDns1123Subdomain(claim).map((text) => `PVC name "${claim}": ${text}`);
  return [...errors, ...invalidTexts(path.replace(/\.ephemeral$/, ".name"), name, texts)];
}

/** What is made of a template is named by its maker. */
const MAKERS_FIELDS = [
  ...["name", "generateName", "namespace", "selfLink", "resourceVersion", "generation", "creationTimestamp"],
  ...["deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields"],
] as const;

function validateTemplateMetadata(metadata: ObjectMeta, path: string): FieldError[] {
  const refuse = (name: string) => forbidden(`${path}.${name}`, "cannot be set");
  return [
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...MAKERS_FIELDS.filter((name) => metadata[name]).map(refuse),
    ...(metadata.uid ? [refuse("uID")] : []),
  ];
}
