// CREATE: the steps of every write, then a name, and a place among what is there.

import type { KubeObject } from "@atoll/api/resource";
import { assert } from "@atoll/base/errors";
import { randomName } from "@atoll/base/random";
import { ApiError, alreadyExists, notUnique } from "@atoll/machinery/object/api-error";
import type { RegistryEnvironment } from "./environment.ts";
import { subjectOf } from "./field-errors.ts";
import type { KnownOwners } from "./field-managers.ts";
import { identifyNew, NEW_OBJECT } from "./new-object.ts";
import { copyObject } from "./object-fields.ts";
import { type Companions, RESERVATION_ATTEMPTS_MAX } from "./reservation.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { StoredObject } from "./stored-object.ts";
import type { ObjectWrite } from "./way-in.ts";
import type { Target, WriteOptions } from "./write-options.ts";
import { checkWrite, reserverOf, settleWrite } from "./write-steps.ts";

const GENERATED_SUFFIX_LENGTH = 5;
/** Name and suffix together stay a DNS label. */
const GENERATE_NAME_LENGTH_MAX = 63 - GENERATED_SUFFIX_LENGTH;
/** Fourteen million suffixes: eight collisions in a row mean a namespace that is full of them. */
const GENERATE_NAME_ATTEMPTS_MAX = 8;

/** `object` is decoded and belongs to the callee. Answers with what was stored, or would have been in a dry run. */
export async function createObject(
  environment: RegistryEnvironment,
  store: ResourceStore,
  target: Target,
  object: KubeObject,
  options: WriteOptions,
  owners?: KnownOwners,
): Promise<StoredObject> {
  const asked = { ...target, name: object.metadata.name ?? "" };
  const write: ObjectWrite = { environment, target: asked, options, old: undefined, object };
  await settleWrite(NEW_OBJECT, write, owners);
  // Admission may have chosen one.
  const generateName = object.metadata.name ? undefined : object.metadata.generateName;
  for (let attempt = 1; ; attempt++) {
    const candidate = generateName ? copyObject(object) : object;
    if (generateName) {
      candidate.metadata.name =
        generateName.slice(0, GENERATE_NAME_LENGTH_MAX) + randomName(environment.random, GENERATED_SUFFIX_LENGTH);
    }
    identifyNew(environment, target, candidate);
    const { name = "", generateName: wasAsked } = candidate.metadata;
    const named = { ...target, name };
    const created = await reserveAndCreate(store, { ...write, target: named, object: candidate });
    if (created) return created;
    if (!generateName || attempt === GENERATE_NAME_ATTEMPTS_MAX) {
      throw wasAsked ? notUnique(subjectOf(store.kind), name) : alreadyExists(subjectOf(store.kind), name);
    }
  }
}

/** Undefined: the name is taken. */
async function reserveAndCreate(store: ResourceStore, write: ObjectWrite): Promise<StoredObject | undefined> {
  const reserver = reserverOf(write);
  if (!reserver) {
    const created = await checkAndCreate(store, write);
    assert(created !== "outdated", "An object without companions was outdated");
    return created;
  }
  for (let attempt = 0; attempt < RESERVATION_ATTEMPTS_MAX; attempt++) {
    const object = copyObject(write.object);
    const companions = await reserver.create(object);
    const created = await checkAndCreate(store, { ...write, object }, companions);
    if (created !== "outdated") return created;
  }
  throw new ApiError("ServerTimeout", "Others were quicker at everything that the object could be given; try again", {
    details: { retryAfterSeconds: 1 },
  });
}

async function checkAndCreate(
  store: ResourceStore,
  write: ObjectWrite,
  companions?: Companions,
): Promise<StoredObject | "outdated" | undefined> {
  await checkWrite(NEW_OBJECT, write);
  const { target, object, options } = write;
  const key = store.keyOf(target.namespace, target.name);
  if (!options.dryRun) return store.create(key, object, companions);
  if (await store.get(key)) return undefined;
  return store.preview(key, object, 0);
}
