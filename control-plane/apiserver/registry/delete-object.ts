// DELETE: an object goes at once, or is only marked when a grace period, a finalizer or a namespace's content stands in the
// way. Whoever takes the last obstacle away (an update without finalizers, a delete without grace) removes it for good.

import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { conflict, notFound } from "@atoll/machinery/object/api-error";
import { deleteAdmission } from "./admission-request.ts";
import type { DeleteCall, DeleteOptions } from "./delete-options.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { nounOf, subjectOf } from "./field-errors.ts";
import { copyObject, type GenericObject } from "./object-fields.ts";
import type { Change, ResourceStore } from "./resource-store.ts";
import type { StoredObject } from "./stored-object.ts";
import type { Target } from "./write-options.ts";

const FOREGROUND_FINALIZER = "foregroundDeletion";
const ORPHAN_FINALIZER = "orphan";

export interface DeleteResult {
  readonly stored: StoredObject;
  /** False: only marked. */
  readonly isGone: boolean;
}

/** Tells a caller what the kind does by itself, once for all objects of the call. */
export function warnOfOrphans({ orphansDependents }: KindDefinition, { options, warnings }: DeleteCall): void {
  const warning = options.propagationPolicy === undefined ? orphansDependents?.warning : undefined;
  if (warning !== undefined) warnings.push(warning);
}

export async function deleteObject(
  environment: RegistryEnvironment,
  store: ResourceStore,
  target: Target,
  call: DeleteCall,
): Promise<DeleteResult> {
  const { options } = call;
  const key = store.keyOf(target.namespace, target.name);
  let shown: KubeObject | undefined;
  const decide = async (stored: StoredObject): Promise<Change> => {
    checkPreconditions(target, stored, options);
    await environment.admission.admit(deleteAdmission(target, stored.object, call));
    const decision = decideDeletion(target.kind, stored.object, options, environment.clock.now());
    shown = decision.shown;
    return decision.change.type === "delete" ? withReleases(environment, target, stored) : decision.change;
  };
  if (options.dryRun) {
    const stored = await store.get(key);
    if (!stored) throw notFound(subjectOf(target.kind), target.name);
    const { type } = await decide(stored);
    return { stored: shown ? await store.preview(key, shown, stored.revision) : stored, isGone: type === "delete" };
  }
  const result = await store.change(key, decide);
  if (!result) throw notFound(subjectOf(target.kind), target.name);
  const { type, stored } = result;
  if (type !== "delete") return { stored, isGone: false };
  return { stored: shown ? await store.preview(key, shown, stored.revision) : stored, isGone: true };
}

/** The removal of an object, together with what it gives back. */
export async function withReleases(
  { reservers }: RegistryEnvironment,
  { kind }: Target,
  { object }: StoredObject,
): Promise<Change> {
  const reserver = reservers.get(kind);
  return { type: "delete", ...(reserver ? { companions: await reserver.delete(object) } : {}) };
}

function checkPreconditions(target: Target, stored: StoredObject, { uid, resourceVersion }: DeleteOptions): void {
  checkPrecondition(target, "UID", uid, stored.object.metadata.uid ?? "");
  checkPrecondition(target, "ResourceVersion", resourceVersion, String(stored.revision));
}

function checkPrecondition(
  { kind, name }: Target,
  what: keyof typeof REASONS,
  wanted: string | undefined,
  actual: string,
): void {
  if (wanted === undefined || wanted === actual) return;
  if (isNamespace(kind) || kind.isClearedAway) {
    const why = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${actual}`;
    throw conflict(subjectOf(kind), name, why);
  }
  const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${actual}). ${REASONS[what]}`;
  // Here upstream names the kind where it names the resource elsewhere.
  throw conflict(nounOf(kind), name, why);
}

const REASONS = {
  UID: "The object might have been deleted and then recreated",
  ResourceVersion: "The object might have been modified",
} as const;

interface Decision {
  readonly change: Change;
  /** The object with the marks of its deletion; undefined where it goes without any. */
  readonly shown?: KubeObject;
}

/** A pure function of the object, the options and the time. */
export function decideDeletion(kind: KindDefinition, old: KubeObject, options: DeleteOptions, nowMs: number): Decision {
  const object: GenericObject = copyObject(old);
  if (kind.isClearedAway && !old.metadata.deletionTimestamp) {
    object.metadata.deletionTimestamp = formatTime(nowMs);
    kind.prepareForDelete?.(object);
    return { change: { type: "put", object }, shown: object };
  }
  recordPropagation(kind, object, options);
  const { metadata } = object;
  const graceSeconds = wantedGrace(kind, old, options);
  if (!metadata.deletionTimestamp) {
    kind.prepareForDelete?.(object);
    const isReady = graceSeconds === 0 && isReadyToGo(kind, object);
    if (isReady && !kind.defaultDeletionGraceSeconds) return { change: { type: "delete" } };
    metadata.deletionTimestamp = formatTime(nowMs + graceSeconds * 1000);
    if (metadata.generation !== undefined) metadata.generation += 1;
    if (isNamespace(kind)) object.status = { ...asRecord(object.status), phase: "Terminating" };
    else metadata.deletionGracePeriodSeconds = graceSeconds;
    return { change: isReady ? { type: "delete" } : { type: "put", object }, shown: object };
  }
  const isShorter = shortenGrace(object, options.gracePeriodSeconds === undefined ? undefined : graceSeconds, nowMs);
  if (isReadyToGo(kind, object)) return { change: { type: "delete" }, ...(isShorter ? { shown: object } : {}) };
  const isChanged = isShorter || (metadata.finalizers?.length ?? 0) !== (old.metadata.finalizers?.length ?? 0);
  return isChanged ? { change: { type: "put", object }, shown: object } : { change: { type: "keep" } };
}

/** In place. Only a caller who names a shorter time moves a deletion forward, but not into the past; nobody moves it back. */
function shortenGrace({ metadata }: KubeObject, wantedSeconds: number | undefined, nowMs: number): boolean {
  const running = metadata.deletionGracePeriodSeconds ?? 0;
  if (wantedSeconds === undefined || wantedSeconds >= running) return false;
  const wantedMs = Date.parse(metadata.deletionTimestamp ?? "") + (wantedSeconds - running) * 1000;
  const isPast = wantedMs < nowMs;
  metadata.deletionTimestamp = formatTime(isPast ? nowMs : wantedMs);
  // Whoever carries the object out still has to end it, unless nobody shall.
  metadata.deletionGracePeriodSeconds = isPast && wantedSeconds > 0 ? 1 : wantedSeconds;
  return true;
}

/** True when nothing holds the object any more; whether it shall go at all is another question. */
export function isReadyToGo(kind: KindDefinition, object: GenericObject): boolean {
  const { finalizers, deletionGracePeriodSeconds } = object.metadata;
  if ((finalizers?.length ?? 0) > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  if (!isNamespace(kind)) return true;
  const held = asRecord(object.spec).finalizers;
  return !Array.isArray(held) || held.length === 0;
}

function wantedGrace(kind: KindDefinition, object: KubeObject, options: DeleteOptions): number {
  const usual = kind.defaultDeletionGraceSeconds?.(object);
  // The kind, or this object of it, needs no grace, whatever was asked for.
  if (usual === undefined || usual === 0) return 0;
  const wanted = options.gracePeriodSeconds ?? usual;
  return wanted < 0 ? 1 : wanted;
}

function recordPropagation(kind: KindDefinition, { metadata }: KubeObject, options: DeleteOptions): void {
  const isSaid = metadata.finalizers?.some((name) => name === FOREGROUND_FINALIZER || name === ORPHAN_FINALIZER);
  const usual = kind.orphansDependents && !isSaid ? "Orphan" : undefined;
  const propagationPolicy = options.propagationPolicy ?? usual;
  if (propagationPolicy === undefined) return;
  const others = (metadata.finalizers ?? []).filter(
    (name) => name !== FOREGROUND_FINALIZER && name !== ORPHAN_FINALIZER,
  );
  if (propagationPolicy === "Foreground") others.push(FOREGROUND_FINALIZER);
  if (propagationPolicy === "Orphan") others.push(ORPHAN_FINALIZER);
  if (others.length > 0) metadata.finalizers = others;
  else delete metadata.finalizers;
}

function isNamespace(kind: KindDefinition): boolean {
  return kind.resource.group === "" && kind.resource.kind === "Namespace";
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}; // any object can be read by its field names
}
