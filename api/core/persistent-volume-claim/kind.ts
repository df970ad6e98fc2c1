import type { PersistentVolumeClaim as PersistentVolumeClaimObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn, UNSET } from "../../meta/columns.ts";
import { formatAccessModes, storageClassOf } from "../../meta/volume-claims.ts";
import type { Resource } from "../../resource.ts";
import { applyClaimDefaults, normalizeDataSource } from "./defaults.ts";
import { validateClaimStatusUpdate, validateClaimUpdate } from "./update-validation.ts";
import { claimWarnings, validateClaim } from "./validation.ts";

export type PersistentVolumeClaim = PersistentVolumeClaimObject;

export const PersistentVolumeClaim: Resource<PersistentVolumeClaim> = {
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  scope: "Namespaced",
};

export const persistentVolumeClaimKind: KindDefinition<PersistentVolumeClaim> = {
  resource: PersistentVolumeClaim,
  singular: "persistentvolumeclaim",
  shortNames: ["pvc"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.core.v1.PersistentVolumeClaim",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  countsGenerations: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: applyClaimDefaults,
  prepareForCreate: ({ spec }) => normalizeDataSource(spec),
  prepareForUpdate: ({ spec }, old) => normalizeDataSource(spec, old.spec),
  validateCreate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatusUpdate,
  warningsOf: claimWarnings,
  columns: [
    NAME_COLUMN,
    textColumn("Status", "Whether the claim has its volume."),
    textColumn("Volume", "The volume that the claim has."),
    textColumn("Capacity", "Size of the volume."),
    textColumn("Access Modes", "How the volume may be used, and by how many."),
    textColumn("StorageClass", "The class the volume is of."),
    textColumn("VolumeAttributesClass", "The class of the volume's qualities."),
    AGE_COLUMN,
    textColumn("VolumeMode", "A file system or a raw disk.", 1),
  ],
  printRow: (claim, nowMs) => {
    const { metadata, spec, status } = claim;
    const isBound = Boolean(spec.volumeName);
    return [
      metadata.name ?? "",
      metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? ""),
      spec.volumeName ?? "",
      isBound ? String(status?.capacity?.storage ?? "0") : "",
      isBound ? formatAccessModes(status?.accessModes) : "",
      storageClassOf(claim),
      spec.volumeAttributesClassName ?? UNSET,
      formatAge(metadata.creationTimestamp, nowMs),
      spec.volumeMode ?? UNSET,
    ];
  },
};
