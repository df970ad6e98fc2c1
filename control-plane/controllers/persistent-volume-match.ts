// Which volume a claim gets. Pure.

import type { PersistentVolume, PersistentVolumeClaim, Quantity as QuantityText } from "@atoll/api/generated/types";
import { matchesLabels, requirementsOf } from "@atoll/api/meta/label-selector";
import { compareQuantities, parseQuantity, type Quantity, ZERO_QUANTITY } from "@atoll/api/meta/quantity";
import { storageClassOf } from "@atoll/api/meta/volume-claims";
import type { CacheIndex } from "@atoll/machinery/controller/informer";
import { cacheKey } from "@atoll/machinery/controller/object-cache";

/** Volumes that name a claim, by the claim's key. */
export const volumesByClaim: CacheIndex<PersistentVolume> = {
  name: "volumes by claim",
  valuesOf: ({ spec }) => (spec?.claimRef ? [cacheKey(spec.claimRef)] : []),
};

/** Volumes that name no claim, by class. */
export const freeVolumesByClass: CacheIndex<PersistentVolume> = {
  name: "free volumes by class",
  valuesOf: (volume) => (volume.spec?.claimRef ? [] : [storageClassOf(volume)]),
};

/** Claims that have no volume, by class. */
export const openClaimsByClass: CacheIndex<PersistentVolumeClaim> = {
  name: "open claims by class",
  valuesOf: (claim) => (claim.spec?.volumeName ? [] : [storageClassOf(claim)]),
};

/** Whether the volume names this claim, and not another of the same name that was there before. */
export function isMeantFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec?.claimRef;
  if (!reference || reference.name !== metadata.name || reference.namespace !== metadata.namespace) return false;
  return !reference.uid || reference.uid === metadata.uid;
}

export function hasVolumeMode(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec?.volumeMode ?? "Filesystem") === (claim.spec?.volumeMode ?? "Filesystem");
}

/**
 * The volume that was made or set aside for the claim, or else the smallest free one that fits; of the fitting ones those
 * with the fewest other access modes. `isDelayed`: only what was set aside, the scheduler chooses among the rest.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  candidates: readonly PersistentVolume[],
  { isDelayed }: { readonly isDelayed: boolean },
): PersistentVolume | undefined {
  const fitting = candidates.filter((volume) => fits(volume, claim));
  for (const group of byAccessModes(fitting)) {
    const meant = group.find((volume) => isMeantFor(volume, claim));
    const found = meant ?? (isDelayed ? undefined : smallestOf(group.filter((volume) => isFreeFor(volume, claim))));
    if (found) return found;
  }
  return undefined;
}

function fits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.spec?.claimRef && !isMeantFor(volume, claim)) return false;
  return (
    volume.metadata.deletionTimestamp === undefined &&
    compareQuantities(capacityOf(volume), wantedSize(claim)) >= 0 &&
    hasVolumeMode(volume, claim) &&
    hasAttributesClass(volume, claim) &&
    hasAccessModes(volume, claim)
  );
}

/** One whose phase is about to become Available would only be fought for. */
function isFreeFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.spec?.claimRef || volume.status?.phase !== "Available") return false;
  const selector = claim.spec?.selector;
  if (selector && !matchesLabels(requirementsOf(selector), volume.metadata.labels)) return false;
  return storageClassOf(volume) === storageClassOf(claim);
}

function byAccessModes(volumes: readonly PersistentVolume[]): PersistentVolume[][] {
  const groups = Map.groupBy(volumes, ({ spec }) => [...(spec?.accessModes ?? [])].sort().join());
  return [...groups.entries()]
    .toSorted(([a], [b]) => a.split(",").length - b.split(",").length || a.localeCompare(b))
    .map(([, group]) => group);
}

function smallestOf(volumes: readonly PersistentVolume[]): PersistentVolume | undefined {
  return volumes.toSorted((a, b) => compareQuantities(capacityOf(a), capacityOf(b)))[0];
}

/** Why a claim that names the volume cannot have it; undefined: it can. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) {
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  }
  if (compareQuantities(capacityOf(volume), wantedSize(claim)) < 0) return "requested PV is too small";
  if (storageClassOf(volume) !== storageClassOf(claim)) return "storageClassName does not match";
  if (!hasAttributesClass(volume, claim)) return "volumeAttributesClassName does not match";
  if (!hasVolumeMode(volume, claim)) return "incompatible volumeMode";
  return hasAccessModes(volume, claim) ? undefined : "incompatible accessMode";
}

function hasAttributesClass(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec?.volumeAttributesClassName ?? "") === (claim.spec?.volumeAttributesClassName ?? "");
}

function hasAccessModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode));
}

export function capacityOf({ spec }: PersistentVolume): Quantity {
  return sizeOf(spec?.capacity?.storage);
}

function wantedSize({ spec }: PersistentVolumeClaim): Quantity {
  return sizeOf(spec?.resources?.requests?.storage);
}

function sizeOf(text: QuantityText | undefined): Quantity {
  return (text === undefined ? undefined : parseQuantity(text)) ?? ZERO_QUANTITY;
}
