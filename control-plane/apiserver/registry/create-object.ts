// CREATE: completes the metadata, fills in defaults, lets admission look, checks and writes.

import type { KindDefinition } from "@atoll/api/kind";
import { validateGenerateName, validateObjectMeta } from "@atoll/api/meta/object-meta";
import type { KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { assert } from "@atoll/base/errors";
import { randomName, randomUuid } from "@atoll/base/random";
import { endOfLongStep } from "@atoll/base/node/long-step";
import { ApiError, alreadyExists, notFound, notUnique } from "@atoll/machinery/object/api-error";
import { writeAdmission } from "./admission-request.ts";
import { completeObject } from "./complete-object.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { subjectOf, throwIfInvalid } from "./field-errors.ts";
import { startsAtFirstGeneration } from "./generation.ts";
import { type ManagedFields, managersOfNew, setManagedFields } from "./field-managers.ts";
import { copyObject, type GenericObject } from "./object-fields.ts";
import { type Companions, RESERVATION_ATTEMPTS_MAX } from "./reservation.ts";
import { addWarnings } from "../request/warnings.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { StoredObject } from "./stored-object.ts";
import { qualifiesFinalizers } from "./update-rules.ts";
import type { Target, WriteOptions } from "./write-options.ts";
import { settleZeros, zeroPlanOf } from "./zero-values.ts";

const GENERATED_SUFFIX_LENGTH = 5;
/** Name and suffix together stay a DNS label. */
const GENERATE_NAME_LENGTH_MAX = 63 - GENERATED_SUFFIX_LENGTH;
/** Fourteen million suffixes: eight collisions in a row mean a namespace that is full of them. */
const GENERATE_NAME_ATTEMPTS_MAX = 8;

/** Set where it is known already who owns the object's fields. */
export interface KnownOwners {
  readonly managedFields: ManagedFields;
}

/** `object` is decoded and belongs to the callee. Answers with what was stored, or would have been in a dry run. */
export async function createObject(
  environment: RegistryEnvironment,
  store: ResourceStore,
  target: Target,
  object: KubeObject,
  options: WriteOptions,
  owners?: KnownOwners,
): Promise<StoredObject> {
  const { kind } = store;
  completeObject(target.kind, object);
  await endOfLongStep();
  const managedFields = owners ? owners.managedFields : managersOfNew(environment, target, object, options);
  settleNew(target, object, managedFields);
  await endOfLongStep();
  const name = object.metadata.name ?? "";
  if (await environment.admission.mutate(writeAdmission({ ...target, name }, { object }, options))) {
    // Others may say of the object what its client could have said, and no more.
    completeObject(target.kind, object);
    settleNew(target, object, managedFields);
  }
  const generateName = object.metadata.name ? undefined : object.metadata.generateName;
  for (let attempt = 1; ; attempt++) {
    const candidate = generateName ? copyObject(object) : object;
    if (generateName) {
      candidate.metadata.name =
        generateName.slice(0, GENERATE_NAME_LENGTH_MAX) + randomName(environment.random, GENERATED_SUFFIX_LENGTH);
    }
    fillMetadata(environment, kind, candidate);
    // A Job makes its selector of its name and UID.
    kind.prepareForCreate?.(candidate);
    settleZeros(zeroPlanOf(kind.schema), candidate);
    const created = await createOnce(environment, store, { target, object: candidate }, options);
    if (created) return created;
    if (!generateName || attempt === GENERATE_NAME_ATTEMPTS_MAX) {
      const { name: taken = "", generateName: asked } = candidate.metadata;
      throw asked ? notUnique(subjectOf(store.kind), taken) : alreadyExists(subjectOf(store.kind), taken);
    }
  }
}

async function createOnce(
  environment: RegistryEnvironment,
  store: ResourceStore,
  { target, object }: NewObject,
  options: WriteOptions,
): Promise<StoredObject | undefined> {
  // Upstream gives nothing to what comes in through the status.
  const reserver = target.subresource === "" ? environment.reservers.get(store.kind) : undefined;
  if (!reserver) {
    const created = await checkAndStore(environment, store, { target, object }, options);
    assert(created !== "outdated", "An object without companions was outdated");
    return created;
  }
  for (let attempt = 0; attempt < RESERVATION_ATTEMPTS_MAX; attempt++) {
    const completed = copyObject(object);
    const companions = await reserver.create(completed);
    const created = await checkAndStore(environment, store, { target, object: completed, companions }, options);
    if (created !== "outdated") return created;
  }
  throw new ApiError("ServerTimeout", "Others were quicker at everything that the object could be given; try again", {
    details: { retryAfterSeconds: 1 },
  });
}

interface NewObject {
  readonly target: Target;
  readonly object: GenericObject;
  readonly companions?: Companions;
}

async function checkAndStore(
  environment: RegistryEnvironment,
  store: ResourceStore,
  { target, object, companions }: NewObject,
  options: WriteOptions,
): Promise<StoredObject | "outdated" | undefined> {
  const { kind } = store;
  const name = object.metadata.name ?? "";
  await endOfLongStep();
  const faults = kind.validateCreate?.(object, environment.expressions.get(kind)?.(object)) ?? [];
  if (kind.checksMetadataLast) throwIfInvalid(kind, name, faults);
  const rules = {
    nameRule: kind.nameRule,
    scope: kind.resource.scope,
    checksGenerateName: kind.checksGenerateName !== "never",
    qualifiesFinalizers: qualifiesFinalizers(kind),
  };
  throwIfInvalid(kind, name, [...validateObjectMeta(object.metadata, rules), ...faults]);
  // Only what is sound in all else is asked for this.
  throwIfInvalid(kind, name, validateGenerateName(object.metadata, "pathSegment"));
  await endOfLongStep();
  // Once, however often it is tried.
  addWarnings(options.warnings, kind.warningsOf?.(object) ?? []);
  await environment.admission.validate(writeAdmission({ ...target, name }, { object }, options));
  await endOfLongStep();
  const key = store.keyOf(target.namespace, name);
  if (!options.dryRun) return store.create(key, object, companions);
  if (await store.get(key)) return undefined;
  return store.preview(key, object, 0);
}

/** A new object that the server makes of its own accord, all but stored: no admission, no check. */
export function settleOwn(
  environment: RegistryEnvironment,
  target: Target,
  object: GenericObject,
  options: WriteOptions,
): void {
  const { kind } = target;
  completeObject(target.kind, object);
  settleNew(target, object, managersOfNew(environment, target, object, options));
  fillMetadata(environment, kind, object);
  kind.prepareForCreate?.(object);
  settleZeros(zeroPlanOf(kind.schema), object);
}

/** Takes away what a client may not say of a new, complete object. */
function settleNew(target: Target, object: GenericObject, managedFields: ManagedFields): void {
  const { metadata } = object;
  if (metadata.resourceVersion) {
    throw new ApiError("BadRequest", "resourceVersion should not be set on objects to be created");
  }
  checkNamespace(target, object);
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.generation;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  setManagedFields(object, managedFields);
  if (!target.kind.hasStatus || target.kind.keepsStatusOfNew) return;
  delete object.status;
  // Of the status there are only defaults.
  completeObject(target.kind, object);
}

function fillMetadata(environment: RegistryEnvironment, kind: KindDefinition, { metadata }: GenericObject): void {
  metadata.uid = randomUuid(environment.random);
  metadata.creationTimestamp = formatTime(environment.clock.now());
  if (startsAtFirstGeneration(kind)) metadata.generation = 1;
}

/** The namespace is that of the URL; an object that says another one is a mistake. */
export function checkNamespace(target: Target, object: KubeObject): void {
  const { metadata } = object;
  if (target.kind.resource.scope === "Cluster") {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== target.namespace) {
    throw new ApiError(
      "BadRequest",
      `the namespace of the provided object does not match the namespace sent on the request (${metadata.namespace} is not ${target.namespace})`,
    );
  }
  metadata.namespace = target.namespace;
}

/** Creating in all namespaces at once is no place. */
export function requireNamespace(target: Target): void {
  if (target.kind.resource.scope === "Namespaced" && target.namespace === "") {
    throw notFound(subjectOf(target.kind), target.name);
  }
}
