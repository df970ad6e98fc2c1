import type { VolumeAttachment as VolumeAttachmentObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, booleanColumn, textColumn } from "../../meta/columns.ts";
import { forbidden, required, unchanged } from "../../meta/field-error.ts";
import { validateInlineVolume } from "../../core/persistent-volume/validation.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
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

function validateAttachment({ spec }: VolumeAttachment): FieldError[] {
  const { attacher = "", nodeName = "", source } = spec ?? {};
  const errors = attacher
    ? invalidTexts("spec.attacher", attacher, checkDns1123Subdomain(attacher.toLowerCase()))
    : [required("spec.attacher")];
  const { persistentVolumeName, inlineVolumeSpec } = source ?? {};
  if (persistentVolumeName === undefined && !inlineVolumeSpec) {
    errors.push(required("spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName"));
  } else if (persistentVolumeName !== undefined && inlineVolumeSpec) {
    errors.push(forbidden("spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName"));
  } else if (persistentVolumeName !== undefined) {
    const field = "spec.source.persistentVolumeName";
    if (persistentVolumeName === "") errors.push(required(field, "must specify non empty persistentVolumeName"));
    errors.push(...invalidTexts(field, persistentVolumeName, checkDns1123Subdomain(persistentVolumeName)));
  } else if (inlineVolumeSpec) {
    errors.push(...validateInlineVolume(inlineVolumeSpec, "spec.source.inlineVolumeSpec"));
  }
  return [...errors, ...invalidTexts("spec.nodeName", nodeName, checkDns1123Subdomain(nodeName))];
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
  selectableFields: {},
  applyDefaults: (attachment) => {
    attachment.status ??= { attached: false };
  },
  validateCreate: validateAttachment,
  validateUpdate: (attachment, old) => [
    ...validateAttachment(attachment),
    ...unchanged("spec", attachment.spec, old.spec),
  ],
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
