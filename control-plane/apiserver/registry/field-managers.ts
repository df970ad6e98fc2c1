// Who owns which fields, for every write of the registry: joins the pure rules of `machinery/object/managed-fields` with
// kinds, requests and the clock. Ownership is worked out on what was sent, with its defaults: before the kind takes back what
// this way into the object may not change, and before admission adds what then belongs to nobody.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { checkTypedLoosely } from "@atoll/machinery/object/managed-fields/check-typed";
import { type FieldSet, setOf } from "@atoll/machinery/object/managed-fields/field-set";
import {
  type ManagedFieldsEntry,
  type Managers,
  NO_MANAGERS,
  readManagers,
  trustManagers,
  writeManagersInSteps,
} from "@atoll/machinery/object/managed-fields/managers";
import { type JsonObject, updateOwnershipInSteps, type Writer } from "@atoll/machinery/object/managed-fields/ownership";
import { type Shape, shapeOfDefinition, shapeOfField } from "@atoll/machinery/object/managed-fields/shape";
import { TypedValueError } from "@atoll/machinery/object/managed-fields/typed-error";
import { isDeepEqual } from "./deep-equal.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { withFieldsOf } from "./object-fields.ts";
import { resetFields } from "./update-rules.ts";
import type { Target, WriteOptions } from "./write-options.ts";

/** What the server writes of its own accord, its bootstrap objects above all. */
const SERVER_NAME = "supervisor";

export type ManagedFields = readonly ManagedFieldsEntry[] | undefined;

/** Set where it is known already who owns an object's fields. */
export interface KnownOwners {
  readonly managedFields: ManagedFields;
}

/** An object whose owners are settled already: `updateObject` stores them as they are. */
export class OwnedObject implements KnownOwners {
  readonly object: KubeObject;
  readonly managedFields: ManagedFields;

  constructor(object: KubeObject, managedFields: ManagedFields) {
    this.object = object;
    this.managedFields = managedFields;
  }
}

/** The owners of an object that is about to be created. Of an object with many fields this takes long, and pauses. */
export function* managersOfNew(
  environment: RegistryEnvironment,
  target: Target,
  object: KubeObject,
  options: WriteOptions,
): Generator<void, ManagedFields> {
  const sent = readSent(object.metadata.managedFields);
  const managers = sent === "none" || sent === "reset" ? NO_MANAGERS : sent;
  const after = yield* track(environment, target, { live: undefined, wanted: object, managers, options });
  yield;
  return after && (yield* writeManagersInSteps(after));
}

/**
 * The owners after an update from `old` to `object`; `sent` is the list that came with the update, by which a client may
 * change it. The very list of `old` where nothing changes. Pauses likewise.
 */
export function* managersAfterUpdate(
  environment: RegistryEnvironment,
  target: Target,
  { old, object, sent }: { readonly old: KubeObject; readonly object: KubeObject; readonly sent: unknown },
  options: WriteOptions,
): Generator<void, ManagedFields> {
  const stored = managedFieldsOf(old);
  // Through a subresource nobody changes the list, and most clients send it back as they got it.
  const isStored = target.subresource !== "" || sent === undefined || JSON.stringify(sent) === JSON.stringify(stored);
  const read = isStored ? "none" : readSent(sent);
  if (read === "reset") return undefined;
  const managers = read === "none" ? trustManagers(stored ?? []) : read;
  // Nobody began to keep owners of this object, or somebody asked to stop.
  if (managers.size === 0) return undefined;
  const after = yield* track(environment, target, { live: old, wanted: object, managers, options });
  // Of two entries of one manager, as a write through `scale` may leave them, one is kept.
  const isUnchanged = read === "none" && after === managers && managers.size === stored?.length;
  return isUnchanged ? stored : after && (yield* writeManagersInSteps(after));
}

function* track(
  environment: RegistryEnvironment,
  target: Target,
  write: {
    readonly live: KubeObject | undefined;
    readonly wanted: KubeObject;
    readonly managers: Managers;
    readonly options: WriteOptions;
  },
): Generator<void, Managers | undefined> {
  const { live, wanted, managers, options } = write;
  const liveFields = live && withoutManagedFields(live);
  const wantedFields = withoutManagedFields(asShown(target.kind, wanted));
  const counted = withFieldsOf(liveFields, wantedFields, resetFields(target.kind, target.subresource));
  const shape = shapeOfTarget(environment, target);
  try {
    checkUncounted(target, shape, { live: liveFields, wanted: wantedFields });
    return yield* updateOwnershipInSteps(
      shape,
      { live: liveFields, wanted: counted },
      managers,
      writerOf(environment, target, options),
    );
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    // Wrong owners would be worse than none. The object is its client's doing, and no fault of this server.
    environment.log.info("cannot tell who owns which fields", { name: wanted.metadata.name, error });
    return undefined;
  }
}

/** What a kind carries in annotations for others is there as soon as it is read. */
function asShown({ storedAs, decode }: KindDefinition, object: KubeObject): KubeObject {
  return storedAs && !decode ? storedAs.fromStored(storedAs.toStored(object)) : object;
}

/** Also what does not count of an object must be such that its owners could be told. Throws TypedValueError. */
function checkUncounted(
  { kind, subresource }: Target,
  shape: Shape,
  { live, wanted }: { readonly live: JsonObject | undefined; readonly wanted: JsonObject },
): void {
  for (const [name = ""] of resetFields(kind, subresource)) {
    const field = shape.map && shapeOfField(shape.map, name);
    // Most clients send it back as they got it.
    if (!field || wanted[name] === undefined || isDeepEqual(wanted[name], live?.[name])) continue;
    checkTypedLoosely(field, wanted[name]);
  }
}

export function writerOf({ clock }: RegistryEnvironment, target: Target, options: WriteOptions): Writer {
  const { kind, subresource } = target;
  const name = options.fieldManager ?? SERVER_NAME;
  return { name, apiVersion: apiVersionOf(kind.resource), subresource, time: formatTime(clock.now()) };
}

export function shapeOfTarget({ model }: RegistryEnvironment, { kind }: Target): Shape {
  return shapeOfDefinition(model, kind.schema);
}

/** Any object is JSON; without the list, which is about the object and not of it. */
export function withoutManagedFields(object: KubeObject): JsonObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** As the registry wrote it. */
export function managedFieldsOf({ metadata }: KubeObject): ManagedFields {
  return metadata.managedFields as ManagedFields; // only the functions of this file write it
}

export function setManagedFields(object: KubeObject, managedFields: ManagedFields): void {
  if (managedFields)
    object.metadata.managedFields = managedFields as unknown[]; // readonly or not is all that differs
  else delete object.metadata.managedFields;
}

/** "none": nothing that could be used, so what is stored counts; "reset": the way a client asks to forget all owners. */
function readSent(sent: unknown): Managers | "none" | "reset" {
  if (!Array.isArray(sent)) return "none";
  if (sent.length === 0 || (sent.length === 1 && isEmptyRecord(sent[0]))) return "reset";
  try {
    return readManagers(sent);
  } catch (error) {
    if (error instanceof SyntaxError) return "none";
    throw error;
  }
}

function isEmptyRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** What a write this way leaves as it is, with all that is below it. */
export function fieldsIgnoredBy(kind: KindDefinition, subresource: string): FieldSet {
  return setOf(resetFields(kind, subresource).map((path) => path.map((name): `f:${string}` => `f:${name}`)));
}

export function isSameButForTimes(left: ManagedFields, right: ManagedFields): boolean {
  const timeless = (entries: ManagedFields) =>
    JSON.stringify(entries?.map((entry) => ({ ...entry, time: undefined })) ?? []);
  return timeless(left) === timeless(right);
}
