// UPDATE and PATCH: a function makes the new object out of the old one, everything after it is the same for both. Runs
// again from the start when another writer was quicker, so that a patch always applies to what is there.

import { validateObjectMetaUpdate } from "@atoll/api/meta/object-meta";
import type { KubeObject } from "@atoll/api/resource";
import { endOfLongStep } from "@atoll/base/node/long-step";
import { ApiError, conflict, invalid, notFound, OBJECT_MODIFIED } from "@atoll/machinery/object/api-error";
import type { AdmissionRequest } from "../admission/admission.ts";
import { writeAdmission } from "./admission-request.ts";
import { completeObject } from "./complete-object.ts";
import { checkNamespace } from "./create-object.ts";
import { isDeepEqual } from "./deep-equal.ts";
import {
  isSameButForTimes,
  type ManagedFields,
  managedFieldsOf,
  managersAfterUpdate,
  OwnedObject,
  setManagedFields,
} from "./field-managers.ts";
import { isReadyToGo, withReleases } from "./delete-object.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { subjectOf, throwIfInvalid } from "./field-errors.ts";
import { raisesGeneration } from "./generation.ts";
import { type GenericObject, replaceContents, withFieldsOf } from "./object-fields.ts";
import type { Companions } from "./reservation.ts";
import { addWarnings } from "../request/warnings.ts";
import type { Change, ResourceStore } from "./resource-store.ts";
import type { StoredObject } from "./stored-object.ts";
import { nameRuleOfUpdate, qualifiesFinalizers, resetFields } from "./update-rules.ts";
import type { Target, WriteOptions } from "./write-options.ts";
import { settleZeros, zeroPlanOf } from "./zero-values.ts";

/**
 * Makes the wanted object out of the stored one. The result belongs to the caller; the argument is shared. Who owns its
 * fields is found out by comparing the two, unless an OwnedObject says it.
 */
export type MakeObject = (old: KubeObject) => Promise<KubeObject | OwnedObject> | KubeObject | OwnedObject;

export async function updateObject(
  environment: RegistryEnvironment,
  store: ResourceStore,
  target: Target,
  makeObject: MakeObject,
  options: WriteOptions,
): Promise<StoredObject> {
  const key = store.keyOf(target.namespace, target.name);
  const decide = async (stored: StoredObject): Promise<Change> => {
    const made = await makeObject(stored.object);
    const wanted: GenericObject = made instanceof OwnedObject ? made.object : made;
    await endOfLongStep();
    const sentManagedFields: unknown = wanted.metadata.managedFields;
    checkIdentity(target, stored, wanted);
    const old: GenericObject = stored.object;
    completeObject(target.kind, wanted);
    await endOfLongStep();
    const managedFields =
      made instanceof OwnedObject
        ? made.managedFields
        : managersAfterUpdate(environment, target, { old, object: wanted, sent: sentManagedFields }, options);
    await endOfLongStep();
    const object = settleChange(target, wanted, old);
    if (made instanceof OwnedObject) settleManagedFields(object, old, managedFields);
    else setManagedFields(object, managedFields);
    await endOfLongStep();
    const { admission, companions } = await admitAndValidate(environment, target, { object, old, options });
    if (target.subresource !== "status" && raisesGeneration(target.kind, object, old)) {
      object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    }
    await environment.admission.validate(admission);
    await endOfLongStep();
    if (isReadyToGo(target.kind, object) && object.metadata.deletionTimestamp) {
      return withReleases(environment, target, stored);
    }
    return isDeepEqual(object, old) ? { type: "keep" } : { type: "put", object, companions };
  };
  if (options.dryRun) return dryRunUpdate(store, key, target, decide);
  const result = await store.change(key, decide);
  if (!result) throw notFound(subjectOf(target.kind), target.name);
  return result.stored;
}

async function dryRunUpdate(
  store: ResourceStore,
  key: string,
  target: Target,
  decide: (stored: StoredObject) => Promise<Change>,
): Promise<StoredObject> {
  const stored = await store.get(key);
  if (!stored) throw notFound(subjectOf(target.kind), target.name);
  const change = await decide(stored);
  if (change.type !== "put") return stored;
  return store.preview(key, change.object, stored.revision);
}

function checkIdentity(target: Target, stored: StoredObject, wanted: KubeObject): void {
  const { metadata } = wanted;
  if (metadata.name && metadata.name !== target.name) {
    throw new ApiError(
      "BadRequest",
      `the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`,
    );
  }
  checkNamespace(target, wanted);
  if (metadata.uid && metadata.uid !== stored.object.metadata.uid) {
    throw conflict(
      subjectOf(target.kind),
      target.name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${stored.object.metadata.uid}`,
    );
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== "0") {
    if (metadata.resourceVersion !== String(stored.revision)) {
      throw conflict(subjectOf(target.kind), target.name, OBJECT_MODIFIED);
    }
  } else if (target.kind.requiresVersion) {
    const message = "Invalid value: 0: must be specified for an update";
    // Here upstream names the resource where it names the kind elsewhere.
    throw invalid(subjectOf(target.kind), target.name, [
      { reason: "FieldValueInvalid", field: "metadata.resourceVersion", message },
    ]);
  }
}

/** What becomes of a complete object through this way in: what it may not change is as it was. */
function settleChange(target: Target, wanted: GenericObject, old: GenericObject): GenericObject {
  const object = target.subresource === "status" ? statusUpdate(target, wanted, old) : specUpdate(target, wanted, old);
  settleZeros(zeroPlanOf(target.kind.schema), object);
  keepServerMetadata(object, old);
  return object;
}

function specUpdate(target: Target, wanted: GenericObject, old: GenericObject): GenericObject {
  const part = target.kind.partialUpdates?.[target.subresource];
  if (part) {
    part.prepare(wanted, old);
    return wanted;
  }
  if (target.kind.hasStatus) {
    if (old.status === undefined) delete wanted.status;
    else wanted.status = old.status;
  }
  // A subresource changes what the kind itself keeps from other writers.
  if (target.subresource === "") target.kind.prepareForUpdate?.(wanted, old);
  return wanted;
}

function statusUpdate(target: Target, wanted: GenericObject, old: GenericObject): GenericObject {
  // What a status write leaves alone is the stored object's own, shared and not copied: nobody may change it.
  const object: GenericObject = { ...old, metadata: { ...old.metadata } };
  if (wanted.status === undefined) delete object.status;
  else object.status = wanted.status;
  const { statusCarries } = target.kind;
  if (statusCarries === undefined) {
    const kept = resetFields(target.kind, "status").flatMap(([part, ...path]) => (part === "metadata" ? [path] : []));
    const metadata = withFieldsOf({ ...old.metadata }, { ...wanted.metadata }, kept);
    object.metadata = metadata as typeof wanted.metadata; // with some fields of the other
  } else if (statusCarries === "generateName") {
    const { generateName } = wanted.metadata;
    if (generateName === undefined) delete object.metadata.generateName;
    else object.metadata.generateName = generateName;
  }
  target.kind.prepareForStatusUpdate?.(object, old);
  return object;
}

/** What only the server writes is taken from the stored object, whatever the client sent. */
function keepServerMetadata(object: GenericObject, old: GenericObject): void {
  const { metadata: kept } = old;
  const { metadata } = object;
  for (const field of SERVER_FIELDS) {
    if (kept[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: kept[field] });
  }
  object.kind = old.kind ?? "";
  object.apiVersion = old.apiVersion ?? "";
}

/** An apply that changes nothing must not write either, only because its time is newer. */
function settleManagedFields(object: GenericObject, old: GenericObject, managedFields: ManagedFields): void {
  const isSameObject = isDeepEqual(object, old);
  setManagedFields(object, managedFields);
  if (isSameObject && isSameButForTimes(object, old)) setManagedFields(object, managedFieldsOf(old));
}

const SERVER_FIELDS = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
] as const;

/** Others may change what the client could have changed, and no more. */
function settleForeignChange(target: Target, object: GenericObject, old: GenericObject): void {
  completeObject(target.kind, object);
  replaceContents(object, settleChange(target, object, old));
}

async function admitAndValidate(
  environment: RegistryEnvironment,
  target: Target,
  { object, old, options }: { object: GenericObject; old: GenericObject; options: WriteOptions },
): Promise<{ readonly admission: AdmissionRequest; readonly companions: Companions | undefined }> {
  const { kind } = target;
  const admission = writeAdmission(target, { object, oldObject: old }, options);
  const { managedFields } = object.metadata;
  if (await environment.admission.mutate(admission)) {
    settleForeignChange(target, object, old);
    if (managedFields) object.metadata.managedFields = managedFields;
    else delete object.metadata.managedFields;
  }
  // A subresource takes nothing and gives nothing back.
  const reserver = target.subresource === "" ? environment.reservers.get(kind) : undefined;
  const companions = await reserver?.update(object, old);
  await endOfLongStep();
  const part = kind.partialUpdates?.[target.subresource];
  const validate =
    part?.validate ?? (target.subresource === "status" ? kind.validateStatusUpdate : kind.validateUpdate);
  const faultsAt = target.subresource === "" ? environment.expressions.get(kind)?.(object) : undefined;
  throwIfInvalid(kind, target.name, [
    ...validateObjectMetaUpdate(object.metadata, old.metadata, {
      nameRule: nameRuleOfUpdate(kind, target.subresource),
      qualifiesFinalizers: qualifiesFinalizers(kind, target.subresource),
    }),
    ...(validate?.(object, old, faultsAt) ?? []),
  ]);
  if (target.subresource === "") addWarnings(options.warnings, kind.warningsOf?.(object, old) ?? []);
  return { admission, companions };
}
