// CREATE: completes the metadata, fills in defaults, lets admission look, checks and writes.

import { validateObjectMeta } from "@atoll/api/meta/object-meta";
import type { KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { randomName, randomUuid } from "@atoll/base/random";
import { ApiError, alreadyExists, notFound } from "@atoll/machinery/object/api-error";
import type { AdmissionRequest } from "../admission/admission.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { subjectOf, throwIfInvalid } from "./field-errors.ts";
import { type ManagedFields, managersOfNew, setManagedFields } from "./field-managers.ts";
import { copyObject, type GenericObject } from "./object-fields.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { StoredObject } from "./stored-object.ts";
import type { Target, WriteOptions } from "./write-options.ts";

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
  const generateName = object.metadata.name ? undefined : object.metadata.generateName;
  for (let attempt = 1; ; attempt++) {
    const candidate = generateName ? copyObject(object) : object;
    if (generateName) {
      candidate.metadata.name =
        generateName.slice(0, GENERATE_NAME_LENGTH_MAX) + randomName(environment.random, GENERATED_SUFFIX_LENGTH);
    }
    const created = await createOnce(environment, store, { target, object: candidate, owners }, options);
    if (created) return created;
    if (!generateName || attempt === GENERATE_NAME_ATTEMPTS_MAX) {
      throw alreadyExists(subjectOf(store.kind), candidate.metadata.name ?? "");
    }
  }
}

async function createOnce(
  environment: RegistryEnvironment,
  store: ResourceStore,
  {
    target,
    object,
    owners,
  }: { readonly target: Target; readonly object: GenericObject; readonly owners: KnownOwners | undefined },
  options: WriteOptions,
): Promise<StoredObject | undefined> {
  const { kind } = store;
  completeMetadata(environment, target, object, kind.countsGenerations ?? kind.hasStatus);
  if (kind.hasStatus) delete object.status;
  kind.applyDefaults?.(object);
  setManagedFields(
    object,
    owners ? owners.managedFields : managersOfNew(environment, { ...target, subresource: "" }, object, options),
  );
  kind.prepareForCreate?.(object);
  const admission: AdmissionRequest = {
    operation: "CREATE",
    kind,
    subresource: "",
    namespace: target.namespace,
    name: object.metadata.name ?? "",
    object,
    oldObject: undefined,
    user: options.user,
    dryRun: options.dryRun,
    warnings: options.warnings,
  };
  await environment.admission.mutate(admission);
  const name = object.metadata.name ?? "";
  throwIfInvalid(kind, name, [
    ...validateObjectMeta(object.metadata, { nameRule: kind.nameRule, scope: kind.resource.scope }),
    ...(kind.validateCreate?.(object) ?? []),
  ]);
  options.warnings.push(...(kind.warningsOf?.(object) ?? []));
  await environment.admission.validate(admission);
  const key = store.keyOf(target.namespace, name);
  if (!options.dryRun) return store.create(key, object);
  if (await store.get(key)) return undefined;
  return store.codec.decode({ key, value: store.codec.encode(key, object), modRevision: 0 });
}

function completeMetadata(
  environment: RegistryEnvironment,
  target: Target,
  object: GenericObject,
  counts: boolean,
): void {
  const { metadata } = object;
  if (metadata.resourceVersion) {
    throw new ApiError("BadRequest", "resourceVersion should not be set on objects to be created");
  }
  checkNamespace(target, object);
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  metadata.uid = randomUuid(environment.random);
  metadata.creationTimestamp = formatTime(environment.clock.now());
  if (counts) metadata.generation = 1;
  else delete metadata.generation;
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
