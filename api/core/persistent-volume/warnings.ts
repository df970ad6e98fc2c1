import type { PersistentVolume } from "../../generated/types.ts";

const ANNOTATIONS: Readonly<Record<string, string>> = {
  "volume.beta.kubernetes.io/storage-class": 'deprecated since v1.8; use "storageClassName" attribute instead',
  "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead',
};

/** Places whose drivers are gone, with the name that upstream shows where it is not the field's. */
const SOURCES: readonly (readonly [string, string, string?])[] = [
  ["cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["storageos", "deprecated in v1.22, non-functional in v1.25+", "storageOS"],
  ["glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

export function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const fields = spec as Readonly<Record<string, unknown>>; // sources are looked up by their names
  const warnings = Object.entries(ANNOTATIONS)
    .filter(([name]) => metadata.annotations?.[name] !== undefined)
    .map(([name, text]) => `metadata.annotations[${name}]: ${text}`);
  if (spec.persistentVolumeReclaimPolicy === "Recycle") {
    const text =
      "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
    warnings.push(`spec.persistentVolumeReclaimPolicy: ${text}`);
  }
  for (const [name, text, shown = name] of SOURCES) if (fields[name]) warnings.push(`spec.${shown}: ${text}`);
  return warnings;
}
