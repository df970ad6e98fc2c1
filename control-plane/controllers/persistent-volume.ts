// Binds volumes and claims to each other, one to one. A key with a namespace is a claim, one without is a volume.

import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import { PROVISIONED_BY_ANNOTATION, storageClassOf } from "@atoll/api/meta/volume-claims";
import { isDefaultClass, StorageClass } from "@atoll/api/storage/storage-class/kind";
import { nameOf, type ObjectName } from "@atoll/machinery/client/client";
import { type CacheReader, defineController, type ReconcileContext } from "@atoll/machinery/controller/controller";
import { cacheKey } from "@atoll/machinery/controller/object-cache";
import { hasReason } from "@atoll/machinery/object/api-error";
import { reconcileClaim } from "./persistent-volume-claim.ts";
import { hasVolumeMode, openClaimsByClass, volumesByClaim } from "./persistent-volume-match.ts";
import { setVolumePhase, unbind } from "./persistent-volume-writes.ts";

/** On a volume whose maker was once a part of Kubernetes, and is a CSI driver now. */
const MIGRATED_TO_ANNOTATION = "pv.kubernetes.io/migrated-to";

export const persistentVolume = defineController({
  name: "persistent-volume",
  watches: [
    { resource: PersistentVolume, keysOf: keysOfVolume },
    { resource: PersistentVolumeClaim, keysOf: keysOfClaim },
    { resource: StorageClass, keysOf: claimsOfClass },
  ],
  owns: [
    "PersistentVolume.spec.claimRef",
    "PersistentVolume.status",
    "PersistentVolumeClaim.spec.volumeName",
    "PersistentVolumeClaim.status",
  ],
  // Two claims at once would choose the same volume.
  concurrency: 1,
  async reconcile(key, context) {
    if (key.namespace === undefined) {
      const volume = context.cache.of(PersistentVolume).get(key);
      if (volume) await reconcileVolume(volume, context);
    } else {
      const claim = context.cache.of(PersistentVolumeClaim).get(key);
      if (claim) await reconcileClaim(claim, context);
    }
    return undefined;
  },
});

/** A free volume may be what claims of its class wait for. */
function keysOfVolume(volume: PersistentVolume, cache: CacheReader): ObjectName[] {
  const own = { name: volume.metadata.name ?? "" };
  const reference = volume.spec?.claimRef;
  if (reference) return [own, { name: reference.name ?? "", namespace: reference.namespace }];
  const waiting = cache.of(PersistentVolumeClaim).indexed(openClaimsByClass, storageClassOf(volume));
  return [own, ...waiting.map(nameOf)];
}

function keysOfClaim(claim: PersistentVolumeClaim, cache: CacheReader): ObjectName[] {
  const volumes = cache.of(PersistentVolume).indexed(volumesByClaim, cacheKey(claim.metadata)).map(nameOf);
  const { volumeName } = claim.spec ?? {};
  return [nameOf(claim), ...volumes, ...(volumeName ? [{ name: volumeName }] : [])];
}

function claimsOfClass(storageClass: StorageClass, cache: CacheReader): ObjectName[] {
  const claims = cache.of(PersistentVolumeClaim);
  const waiting = claims.indexed(openClaimsByClass, storageClass.metadata.name ?? "");
  const classless = isDefaultClass(storageClass) ? claims.indexed(openClaimsByClass, "") : [];
  return [...waiting, ...classless].map(nameOf);
}

async function reconcileVolume(volume: PersistentVolume, context: ReconcileContext): Promise<void> {
  // A volume that is set aside for a claim is bound when the claim asks for it.
  if (!volume.spec?.claimRef?.uid) {
    await setVolumePhase(volume, "Available", context);
    return;
  }
  const claim = await findClaim(volume, context);
  if (!claim) {
    await release(volume, context);
  } else if (!claim.spec?.volumeName) {
    tellModes(volume, claim, context);
  } else if (claim.spec.volumeName === volume.metadata.name) {
    await setVolumePhase(volume, "Bound", context);
  } else if (isMadeFor(volume)) {
    await release(volume, context);
  } else {
    await unbind(volume, context);
  }
}

/** The claim that the volume names by its UID. Asked of the API before it is taken for gone: its data is at stake. */
async function findClaim(
  { spec, status }: PersistentVolume,
  { cache, client, signal }: ReconcileContext,
): Promise<PersistentVolumeClaim | undefined> {
  const { name = "", namespace, uid } = spec?.claimRef ?? {};
  const known = cache.of(PersistentVolumeClaim).get({ name, namespace });
  if (known?.metadata.uid === uid) return known;
  const isReleased = status?.phase === "Released" || status?.phase === "Failed";
  if (!known && isReleased) return undefined;
  try {
    const fresh = await client.get(PersistentVolumeClaim, { name, namespace }, { signal });
    return fresh.metadata.uid === uid ? fresh : undefined;
  } catch (thrown) {
    if (hasReason(thrown, "NotFound")) return undefined;
    throw thrown;
  }
}

/** Made for a claim that took another volume: nobody else shall have it. */
function isMadeFor({ metadata, spec }: PersistentVolume): boolean {
  const isProvisioned = metadata.annotations?.[PROVISIONED_BY_ANNOTATION] !== undefined;
  return isProvisioned && spec?.persistentVolumeReclaimPolicy === "Delete";
}

/** The claim's turn is next, but where the two can never be bound nobody else would say so. */
function tellModes(volume: PersistentVolume, claim: PersistentVolumeClaim, { events }: ReconcileContext): void {
  if (hasVolumeMode(volume, claim)) return;
  const why = "due to incompatible volumeMode.";
  events.record(volume, {
    type: "Warning",
    reason: "VolumeMismatch",
    message: `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${JSON.stringify(claim.metadata.name)} ${why}`,
  });
  events.record(claim, {
    type: "Warning",
    reason: "VolumeMismatch",
    message: `Cannot bind PersistentVolume ${JSON.stringify(volume.metadata.name)} to requested PersistentVolumeClaim ${why}`,
  });
}

/** Kept, or left to whoever made it; where nobody can delete it, its state says so. */
async function release(volume: PersistentVolume, context: ReconcileContext): Promise<void> {
  const phase = volume.status?.phase;
  const released = phase === "Failed" ? volume : await setVolumePhase(volume, "Released", context);
  const failure = reclaimFailure(released);
  if (failure) await setVolumePhase(released, "Failed", context, failure);
}

function reclaimFailure(volume: PersistentVolume): { readonly reason: string; readonly message: string } | undefined {
  const { annotations = {}, name } = volume.metadata;
  if (annotations[MIGRATED_TO_ANNOTATION]) return undefined;
  switch (volume.spec?.persistentVolumeReclaimPolicy) {
    case "Delete": {
      const maker = annotations[PROVISIONED_BY_ANNOTATION];
      if (maker) {
        const message = `no volume plugin matched name: ${maker}`;
        return maker.startsWith("kubernetes.io/") ? { reason: "VolumeFailedDelete", message } : undefined;
      }
      if (volume.spec.csi) return undefined;
      const message = `error getting deleter volume plugin for volume ${JSON.stringify(name)}: no deletable volume plugin matched`;
      return { reason: "VolumeFailedDelete", message };
    }
    case "Recycle":
      return { reason: "VolumeFailedRecycle", message: "No recycler plugin found for the volume!" };
    default:
      return undefined;
  }
}
