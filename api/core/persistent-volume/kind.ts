import type { PersistentVolume as PersistentVolumeObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn, UNSET } from "../../meta/columns.ts";
import { formatAccessModes, storageClassOf } from "../../meta/volume-claims.ts";
import type { Resource } from "../../resource.ts";
import { applyVolumeDefaults } from "./defaults.ts";
import { validateVolume, validateVolumeUpdate } from "./validation.ts";
import { volumeWarnings } from "./warnings.ts";

export type PersistentVolume = PersistentVolumeObject;

export const PersistentVolume: Resource<PersistentVolume> = {
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  scope: "Cluster",
};

export const persistentVolumeKind: KindDefinition<PersistentVolume> = {
  resource: PersistentVolume,
  singular: "persistentvolume",
  shortNames: ["pv"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.core.v1.PersistentVolume",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  countsGenerations: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: applyVolumeDefaults,
  validateCreate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  warningsOf: volumeWarnings,
  columns: [
    NAME_COLUMN,
    textColumn("Capacity", "Size of the volume."),
    textColumn("Access Modes", "How the volume may be used, and by how many."),
    textColumn("Reclaim Policy", "What becomes of the volume without its claim."),
    textColumn("Status", "Whether the volume is free."),
    textColumn("Claim", "The claim that has the volume."),
    textColumn("StorageClass", "The class the volume is of."),
    textColumn("VolumeAttributesClass", "The class of the volume's qualities."),
    textColumn("Reason", "Why the volume is in its state."),
    AGE_COLUMN,
    textColumn("VolumeMode", "A file system or a raw disk.", 1),
  ],
  printRow: (volume, nowMs) => {
    const { metadata, spec, status } = volume;
    return [
      metadata.name ?? "",
      String(spec.capacity?.storage ?? "0"),
      formatAccessModes(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? "",
      metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? ""),
      spec.claimRef ? `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}` : "",
      storageClassOf(volume),
      spec.volumeAttributesClassName ?? UNSET,
      status?.reason ?? "",
      formatAge(metadata.creationTimestamp, nowMs),
      spec.volumeMode ?? UNSET,
    ];
  },
};
