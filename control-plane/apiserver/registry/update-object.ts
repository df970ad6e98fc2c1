// UPDATE and PATCH: a function makes the new object out of the old one, everything after it is the same for both. Runs
// again from the start when another writer was quicker, so that a patch always applies to what is there.

import type { KubeObject } from "@atoll/api/resource";
import { endOfLongStep } from "@atoll/base/node/long-step";
import { conflict, invalid, notFound, OBJECT_MODIFIED } from "@atoll/machinery/object/api-error";
import { wayOfChange } from "./changed-object.ts";
import { isDeepEqual } from "./deep-equal.ts";
import { isReadyToGo, withReleases } from "./delete-object.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { subjectOf } from "./field-errors.ts";
import { OwnedObject } from "./field-managers.ts";
import { raisesGeneration } from "./generation.ts";
import type { GenericObject } from "./object-fields.ts";
import type { Change, ResourceStore } from "./resource-store.ts";
import { checkName, checkNamespace } from "./server-metadata.ts";
import type { StoredObject } from "./stored-object.ts";
import type { ObjectWrite } from "./way-in.ts";
import type { Target, WriteOptions } from "./write-options.ts";
import { checkWrite, reserverOf, settleWrite } from "./write-steps.ts";

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
  const way = wayOfChange(target);
  const decide = async (stored: StoredObject): Promise<Change> => {
    const made = await makeObject(stored.object);
    const owners = made instanceof OwnedObject ? made : undefined;
    const wanted: GenericObject = made instanceof OwnedObject ? made.object : made;
    await endOfLongStep();
    checkIdentity(target, stored, wanted);
    const old: GenericObject = stored.object;
    const write: ObjectWrite = { environment, target, options, old, object: wanted };
    await settleWrite(way, write, owners);
    const companions = await reserverOf(write)?.update(write.object, old);
    countChange(write, old);
    await checkWrite(way, write);
    const { object } = write;
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
  checkName(target, wanted);
  checkNamespace(target, wanted);
  const { uid, resourceVersion } = wanted.metadata;
  if (uid && uid !== stored.object.metadata.uid) {
    throw conflict(
      subjectOf(target.kind),
      target.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${stored.object.metadata.uid}`,
    );
  }
  if (resourceVersion && !/^0+$/.test(resourceVersion)) {
    if (resourceVersion !== String(stored.revision)) {
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

/** In place. */
function countChange({ target, object }: ObjectWrite, old: GenericObject): void {
  if (target.subresource === "status" || !raisesGeneration(target.kind, object, old)) return;
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}
