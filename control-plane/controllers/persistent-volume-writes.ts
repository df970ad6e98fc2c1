// The writes that bind a volume and a claim to each other, and take a binding back. Each does nothing where nothing has to
// change, and each is made on the version that was read: of two who bind one volume the second has to look again.

import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "@atoll/api/meta/quantity";
import { BIND_COMPLETED_ANNOTATION, BOUND_BY_CONTROLLER_ANNOTATION } from "@atoll/api/meta/volume-claims";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import { capacityOf, isMeantFor } from "./persistent-volume-match.ts";

/** On a volume that has grown while its file system has not yet. */
const PRE_RESIZE_CAPACITY_ANNOTATION = "volume.alpha.kubernetes.io/pre-resize-capacity";

type Phase = "Available" | "Bound" | "Released" | "Failed";
type Writes = Pick<ReconcileContext, "client" | "events" | "signal">;

/** The volume first: a claim that says it is bound has its volume for certain. */
export async function bind(volume: PersistentVolume, claim: PersistentVolumeClaim, writes: Writes): Promise<void> {
  const named = await nameClaim(volume, claim, writes);
  const bound = await setVolumePhase(named, "Bound", writes);
  const holding = await nameVolume(claim, bound, writes);
  await setClaimStatus(holding, { phase: "Bound", volume: bound }, writes);
}

async function nameClaim(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  { client, signal }: Writes,
): Promise<PersistentVolume> {
  const { name = "", namespace = "", uid = "", resourceVersion = "" } = claim.metadata;
  const reference = volume.spec?.claimRef;
  const isNamed = reference?.name === name && reference.namespace === namespace && reference.uid === uid;
  const needsMark = !isMeantFor(volume, claim) && !volume.metadata.annotations?.[BOUND_BY_CONTROLLER_ANNOTATION];
  if (isNamed && !needsMark) return volume;
  const claimRef = { kind: "PersistentVolumeClaim", namespace, name, uid, apiVersion: "v1", resourceVersion };
  const annotations = {
    ...volume.metadata.annotations,
    ...(needsMark ? { [BOUND_BY_CONTROLLER_ANNOTATION]: "yes" } : {}),
  };
  const metadata = Object.keys(annotations).length > 0 ? { ...volume.metadata, annotations } : volume.metadata;
  return client.update(PersistentVolume, { ...volume, metadata, spec: { ...volume.spec, claimRef } }, { signal });
}

async function nameVolume(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { client, signal }: Writes,
): Promise<PersistentVolumeClaim> {
  const volumeName = volume.metadata.name ?? "";
  const isNamed = claim.spec?.volumeName === volumeName;
  const present = claim.metadata.annotations ?? {};
  if (isNamed && present[BIND_COMPLETED_ANNOTATION] !== undefined) return claim;
  const annotations = {
    ...(isNamed ? {} : { [BOUND_BY_CONTROLLER_ANNOTATION]: "yes" }),
    ...present,
    [BIND_COMPLETED_ANNOTATION]: present[BIND_COMPLETED_ANNOTATION] ?? "yes",
  };
  const wanted = { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName } };
  return client.update(PersistentVolumeClaim, wanted, { signal });
}

/** Back to free where the controller has bound it; where a user has set it aside, the claim's name stays. */
export async function unbind(volume: PersistentVolume, writes: Writes): Promise<void> {
  const { [BOUND_BY_CONTROLLER_ANNOTATION]: mark, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...rest } = volume.spec ?? {};
  const { uid: _uid, ...reference } = claimRef ?? {};
  const { annotations: _annotations, ...metadata } = volume.metadata;
  const wanted: PersistentVolume =
    mark === undefined
      ? { ...volume, spec: { ...rest, claimRef: reference } }
      : {
          ...volume,
          metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
          spec: rest,
        };
  const written = await writes.client.update(PersistentVolume, wanted, { signal: writes.signal });
  await setVolumePhase(written, "Available", writes);
}

/** `warning`: told to the user when, and only when, the phase changes. */
export async function setVolumePhase(
  volume: PersistentVolume,
  phase: Phase,
  { client, events, signal }: Writes,
  warning?: { readonly reason: string; readonly message: string },
): Promise<PersistentVolume> {
  if (volume.status?.phase === phase) return volume;
  const { message: _message, ...old } = volume.status ?? {};
  const status = { ...old, phase, ...(warning ? { message: warning.message } : {}) };
  const written = await client.update(PersistentVolume, { ...volume, status }, { subresource: "status", signal });
  if (warning) events.record(written, { type: "Warning", ...warning });
  return written;
}

export interface ClaimState {
  readonly phase: "Pending" | "Bound" | "Lost";
  /** Undefined: the claim has none. */
  readonly volume?: PersistentVolume;
}

export async function setClaimStatus(
  claim: PersistentVolumeClaim,
  state: ClaimState,
  { client, signal }: Writes,
): Promise<PersistentVolumeClaim> {
  const status = claimStatus(claim, state);
  if (isEqualJson(status, claim.status ?? {})) return claim;
  return client.update(PersistentVolumeClaim, { ...claim, status }, { subresource: "status", signal });
}

type ClaimStatus = NonNullable<PersistentVolumeClaim["status"]>;

function claimStatus(claim: PersistentVolumeClaim, { phase, volume }: ClaimState): ClaimStatus {
  const old = claim.status ?? {};
  if (!volume) {
    const { accessModes: _modes, capacity: _capacity, currentVolumeAttributesClassName: _class, ...rest } = old;
    return { ...rest, phase };
  }
  const status: ClaimStatus = { ...old, phase };
  if (volume.spec?.accessModes) status.accessModes = volume.spec.accessModes;
  // Afterwards it is whoever makes the volume grow that knows what the claim has of it.
  if (old.phase === phase) return status;
  const capacity = grantedCapacity(claim, volume);
  if (capacity) status.capacity = capacity;
  const className = volume.spec?.volumeAttributesClassName;
  if (old.phase === "Pending" && className !== undefined) status.currentVolumeAttributesClassName = className;
  return status;
}

function grantedCapacity({ status }: PersistentVolumeClaim, volume: PersistentVolume): ClaimStatus["capacity"] {
  const before = volume.metadata.annotations?.[PRE_RESIZE_CAPACITY_ANNOTATION];
  if (before !== undefined) {
    const storage = parseQuantity(before) ? before : (volume.spec?.capacity?.storage ?? before);
    return { ...status?.capacity, storage };
  }
  const known = parseQuantity(status?.capacity?.storage ?? "") ?? ZERO_QUANTITY;
  const isKnown = status?.capacity?.storage !== undefined && compareQuantities(known, capacityOf(volume)) === 0;
  return isKnown ? undefined : volume.spec?.capacity;
}
