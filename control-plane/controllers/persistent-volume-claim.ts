// Finds a volume for a claim, asks for one to be made, and says when one is lost.

import type { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import { PersistentVolumeClaim as ClaimResource } from "@atoll/api/core/persistent-volume-claim/kind";
import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import {
  BIND_COMPLETED_ANNOTATION,
  BOUND_BY_CONTROLLER_ANNOTATION,
  namesStorageClass,
  SELECTED_NODE_ANNOTATION,
  STORAGE_PROVISIONER_ANNOTATIONS,
  storageClassOf,
} from "@atoll/api/meta/volume-claims";
import { isDefaultClass, StorageClass } from "@atoll/api/storage/storage-class/kind";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import { cacheKey } from "@atoll/machinery/controller/object-cache";
import { findVolume, freeVolumesByClass, isMeantFor, mismatchOf, volumesByClaim } from "./persistent-volume-match.ts";
import { bind, setClaimStatus } from "./persistent-volume-writes.ts";

/** Makers with this prefix were once a part of Kubernetes; there are none here. */
const BUILT_IN_PREFIX = "kubernetes.io/";

export async function reconcileClaim(claim: PersistentVolumeClaim, context: ReconcileContext): Promise<void> {
  if (claim.metadata.annotations?.[BIND_COMPLETED_ANNOTATION] !== undefined) await keepBound(claim, context);
  else if (claim.spec?.volumeName) await bindNamed(claim, claim.spec.volumeName, context);
  else await bindAny(claim, context);
}

/** Once bound, a claim is never bound elsewhere: its data would seem to be gone. */
async function keepBound(claim: PersistentVolumeClaim, context: ReconcileContext): Promise<void> {
  const { volumeName } = claim.spec ?? {};
  const volume = volumeName ? context.cache.of(PersistentVolume).get({ name: volumeName }) : undefined;
  const { claimRef } = volume?.spec ?? {};
  if (volume && (!claimRef || claimRef.uid === claim.metadata.uid)) {
    await bind(volume, claim, context);
    return;
  }
  const [reason, message] = volume
    ? ["ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly"]
    : volumeName
      ? ["ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"]
      : ["ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"];
  if (claim.status?.phase === "Lost") return;
  const written = await setClaimStatus(claim, { phase: "Lost" }, context);
  context.events.record(written, { type: "Warning", reason, message });
}

async function bindNamed(claim: PersistentVolumeClaim, name: string, context: ReconcileContext): Promise<void> {
  const volume = context.cache.of(PersistentVolume).get({ name });
  if (volume && isMeantFor(volume, claim)) {
    await bind(volume, claim, context);
    return;
  }
  const refuse = (reason: string, message: string) =>
    context.events.record(claim, { type: "Warning", reason, message });
  if (volume && !volume.spec?.claimRef) {
    const why = mismatchOf(volume, claim);
    if (why === undefined) {
      await bind(volume, claim, context);
      return;
    }
    refuse("VolumeMismatch", `Cannot bind to requested volume ${JSON.stringify(name)}: ${why}`);
  } else if (volume) {
    refuse("FailedBinding", `volume ${JSON.stringify(name)} already bound to a different claim.`);
    // Somebody took the mark of a finished binding away; the claim's state says more than "Pending" would.
    if (claim.metadata.annotations?.[BOUND_BY_CONTROLLER_ANNOTATION] !== undefined) return;
  }
  await setClaimStatus(claim, { phase: "Pending" }, context);
}

async function bindAny(claim: PersistentVolumeClaim, context: ReconcileContext): Promise<void> {
  const { cache, events } = context;
  const className = storageClassOf(claim);
  const storageClass = className === "" ? undefined : cache.of(StorageClass).get({ name: className });
  const isDelayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
  const volumes = cache.of(PersistentVolume);
  const candidates = [
    ...volumes.indexed(volumesByClaim, cacheKey(claim.metadata)),
    ...(isDelayed ? [] : volumes.indexed(freeVolumesByClass, className)),
  ];
  const volume = findVolume(claim, candidates, { isDelayed });
  if (volume) {
    await bind(volume, claim, context);
    return;
  }
  if (await giveDefaultClass(claim, context)) return;
  const isPlaced = claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION] !== undefined;
  if (isDelayed && !isPlaced) {
    const message = "waiting for first consumer to be created before binding";
    events.record(claim, { type: "Normal", reason: "WaitForFirstConsumer", message });
  } else if (className !== "") {
    await askForVolume(claim, storageClass, context);
    return;
  } else {
    const message = "no persistent volumes available for this claim and no storage class is set";
    events.record(claim, { type: "Normal", reason: "FailedBinding", message });
  }
  await setClaimStatus(claim, { phase: "Pending" }, context);
}

/** A claim made before there was a default class gets it late. */
async function giveDefaultClass(
  claim: PersistentVolumeClaim,
  { cache, client, signal }: ReconcileContext,
): Promise<boolean> {
  if (namesStorageClass(claim)) return false;
  const storageClassName = cache
    .of(StorageClass)
    .list()
    .filter(isDefaultClass)
    .toSorted(
      (a, b) =>
        (b.metadata.creationTimestamp ?? "").localeCompare(a.metadata.creationTimestamp ?? "") ||
        (a.metadata.name ?? "").localeCompare(b.metadata.name ?? ""),
    )[0]?.metadata.name;
  if (storageClassName === undefined) return false;
  await client.update(ClaimResource, { ...claim, spec: { ...claim.spec, storageClassName } }, { signal });
  return true;
}

/** Volumes are made by others, who look for their name on claims. */
async function askForVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
  { client, events, signal }: ReconcileContext,
): Promise<void> {
  const fail = (message: string) => events.record(claim, { type: "Warning", reason: "ProvisioningFailed", message });
  if (!storageClass) {
    fail(`storageclass.storage.k8s.io ${JSON.stringify(storageClassOf(claim))} not found`);
    return;
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith(BUILT_IN_PREFIX)) {
    fail(`no volume plugin matched name: ${provisioner}`);
    return;
  }
  const [name] = STORAGE_PROVISIONER_ANNOTATIONS;
  if (claim.metadata.annotations?.[name] !== provisioner) {
    const marks = Object.fromEntries(STORAGE_PROVISIONER_ANNOTATIONS.map((annotation) => [annotation, provisioner]));
    const metadata = { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...marks } };
    await client.update(ClaimResource, { ...claim, metadata }, { signal });
  }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  events.record(claim, { type: "Normal", reason: "ExternalProvisioning", message });
}
