import type {
  VolumeAttachment as VolumeAttachmentObject,
  VolumeAttachmentSource,
  VolumeAttachmentStatus,
  VolumeError,
} from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, booleanColumn, textColumn } from "../../meta/columns.ts";
import { forbidden, invalidValue, required, tooLong, unchanged } from "../../meta/field-error.ts";
import { applySourceDefaults } from "../../core/persistent-volume/defaults.ts";
import { validateDriverName } from "../../core/persistent-volume/source-validation.ts";
import { validateInlineVolume } from "../../core/persistent-volume/validation.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import { utf8Length } from "../../meta/object-meta.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type VolumeAttachment = VolumeAttachmentObject;

export const VolumeAttachment: Resource<VolumeAttachment> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
};

const NAME_FIELD = "spec.source.persistentVolumeName";
const ERROR_BYTES_MAX = 1024;
const METADATA_BYTES_MAX = 262_144;

function validateAttachment({ spec, status }: VolumeAttachment): FieldError[] {
  const { attacher, nodeName = "", source = {} } = spec ?? {};
  const { persistentVolumeName } = source;
  return [
    ...validateDriverName(attacher, "spec.attacher"),
    ...validateSource(source),
    ...invalidTexts("spec.nodeName", nodeName, checkDns1123Subdomain(nodeName)),
    ...validateStatus(status ?? {}),
    ...(persistentVolumeName === undefined
      ? []
      : invalidTexts(NAME_FIELD, persistentVolumeName, checkDns1123Subdomain(persistentVolumeName))),
  ];
}

function validateSource({ persistentVolumeName, inlineVolumeSpec }: VolumeAttachmentSource): FieldError[] {
  const text = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  if (persistentVolumeName !== undefined && inlineVolumeSpec) return [forbidden("spec.source", text)];
  if (inlineVolumeSpec) return validateInlineVolume(inlineVolumeSpec, "spec.source.inlineVolumeSpec");
  if (persistentVolumeName === undefined) return [required("spec.source", text)];
  return persistentVolumeName === "" ? [required(NAME_FIELD, "must specify non empty persistentVolumeName")] : [];
}

function validateStatus({ attachmentMetadata = {}, attachError, detachError }: Partial<VolumeAttachmentStatus>) {
  const bytes = Object.entries(attachmentMetadata).reduce(
    (sum, [key, value]) => sum + utf8Length(key) + utf8Length(value),
    0,
  );
  return [
    ...(bytes > METADATA_BYTES_MAX ? [tooLong("status.attachmentMetadata", METADATA_BYTES_MAX)] : []),
    ...validateVolumeError(attachError, "status.attachError"),
    ...validateVolumeError(detachError, "status.detachError"),
  ];
}

function validateVolumeError({ message = "", errorCode }: VolumeError = {}, path: string): FieldError[] {
  const errors: FieldError[] = [];
  // The bound that is said is upstream's, not the one that holds.
  if (utf8Length(message) > ERROR_BYTES_MAX) errors.push(tooLong(`${path}.message`, METADATA_BYTES_MAX));
  if (errorCode !== undefined && errorCode < 0) {
    errors.push(invalidValue(`${path}.errorCode`, errorCode, "must be between 0 and 2147483647, inclusive"));
  }
  return errors;
}

function validateAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  return [...validateAttachment(attachment), ...unchanged("spec", attachment.spec, old.spec)];
}

export const volumeAttachmentKind: KindDefinition<VolumeAttachment> = {
  resource: VolumeAttachment,
  singular: "volumeattachment",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.storage.v1.VolumeAttachment",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  countsGenerations: false,
  requiresVersion: true,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  statusCarries: "generateName",
  selectableFields: {},
  applyDefaults: ({ spec }) => applySourceDefaults(spec?.source?.inlineVolumeSpec ?? {}),
  validateCreate: validateAttachment,
  validateUpdate: validateAttachmentUpdate,
  validateStatusUpdate: validateAttachmentUpdate,
  columns: [
    NAME_COLUMN,
    { ...textColumn("Attacher", "The driver that attaches the volume."), format: "name" },
    textColumn("PV", "The volume."),
    textColumn("Node", "The host the volume is attached to."),
    booleanColumn("Attached", "Whether it is attached."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? "",
    spec?.attacher ?? "",
    spec?.source?.persistentVolumeName ?? "",
    spec?.nodeName ?? "",
    status?.attached ?? false,
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
