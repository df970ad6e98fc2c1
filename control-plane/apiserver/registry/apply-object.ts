// Server-side apply: the caller says what he wants of an object, and owns that and no more. Creates the object where there
// is none.

import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { doInSteps, endOfLongStep } from "@atoll/base/node/long-step";
import { ApiError, hasReason, notFound } from "@atoll/machinery/object/api-error";
import { applyConflict } from "@atoll/machinery/object/managed-fields/conflict-error";
import { type FieldSet, isEmptySet, withoutSubtrees } from "@atoll/machinery/object/managed-fields/field-set";
import { fieldsOfLastApplied, KUBECTL, withLastApplied } from "@atoll/machinery/object/managed-fields/last-applied";
import {
  type Managers,
  NO_MANAGERS,
  trustManagers,
  writeManagersInSteps,
} from "@atoll/machinery/object/managed-fields/managers";
import {
  type ApplyOptions,
  applyOwnershipInSteps,
  type ApplyResult,
  conflictsOutside,
  type JsonObject,
  updateOwnershipInSteps,
  type Writer,
} from "@atoll/machinery/object/managed-fields/ownership";
import type { Shape } from "@atoll/machinery/object/managed-fields/shape";
import { TypedValueError } from "@atoll/machinery/object/managed-fields/typed-error";
import { bodyKindOf } from "../input/body-kind.ts";
import { readObjectInSteps } from "../input/read-object.ts";
import { createObject } from "./create-object.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { subjectOf } from "./field-errors.ts";
import {
  fieldsIgnoredBy,
  managedFieldsOf,
  OwnedObject,
  shapeOfTarget,
  withoutManagedFields,
  writerOf,
} from "./field-managers.ts";
import { copyObject } from "./object-fields.ts";
import { requireCreate } from "./require-create.ts";
import type { ResourceStore } from "./resource-store.ts";
import { checkName } from "./server-metadata.ts";
import type { StoredObject } from "./stored-object.ts";
import { updateObject } from "./update-object.ts";
import type { Target, WriteOptions } from "./write-options.ts";

/** Objects that come and go this often while one is applied are somebody else's quarrel. */
const ATTEMPTS_MAX = 8;

/** Owns what objects had before anybody kept account of it. */
const BEFORE_FIRST_APPLY = "before-first-apply";

export interface Applied {
  readonly configuration: JsonObject;
  readonly force: boolean;
}

export interface AppliedObject {
  readonly stored: StoredObject;
  readonly isNew: boolean;
}

export async function applyObject(
  environment: RegistryEnvironment,
  store: ResourceStore,
  target: Target,
  applied: Applied,
  options: WriteOptions,
): Promise<AppliedObject> {
  const key = store.keyOf(target.namespace, target.name);
  const make = (old: KubeObject | undefined) => applyTo(environment, target, { old, applied }, options);
  for (let attempt = 1; ; attempt++) {
    try {
      if (await store.get(key))
        return { stored: await updateObject(environment, store, target, make, options), isNew: false };
      if (target.subresource !== "") throw notFound(subjectOf(target.kind), target.name);
      await requireCreate(environment, target, options.user);
      const { object, managedFields } = await make(undefined);
      checkName(target, object);
      const stored = await createObject(environment, store, target, object, options, { managedFields });
      return { stored, isNew: true };
    } catch (error) {
      // It went or came between the look and the write.
      const isRace = hasReason(error, "NotFound") || hasReason(error, "AlreadyExists");
      if (!isRace || target.subresource !== "" || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

async function applyTo(
  environment: RegistryEnvironment,
  target: Target,
  { old, applied }: { readonly old: KubeObject | undefined; readonly applied: Applied },
  options: WriteOptions,
): Promise<OwnedObject> {
  const { kind } = target;
  const { decodeApplied } = kind;
  const expected = { ...bodyKindOf(kind), ...(decodeApplied ? { decode: decodeApplied } : {}) };
  checkApplied(target, applied.configuration);
  const shape = shapeOfTarget(environment, target);
  const writer = writerOf(environment, target, options);
  const live = old ? withoutManagedFields(old) : {};
  const known = old ? trustManagers(managedFieldsOf(old) ?? []) : NO_MANAGERS;
  const ignoredFields = fieldsIgnoredBy(kind, target.subresource);
  const managers = old ? await doInSteps(managersOfLive(shape, live, known, { writer, ignoredFields })) : NO_MANAGERS;
  await endOfLongStep();
  const result = await doInSteps(
    applyConfiguration(shape, { live, applied: applied.configuration }, managers, writer, {
      force: applied.force,
      ignoredFields,
    }),
  );
  await endOfLongStep();
  const merged = writer.name === KUBECTL ? withLastApplied(result.object, applied.configuration) : result.object;
  // Not even a default is added to what is as it was.
  if (old && !result.hasChanged && merged === result.object) {
    return new OwnedObject(copyObject(old), await doInSteps(writeManagersInSteps(result.managers)));
  }
  const body = { value: merged, duplicateFields: [] };
  const object = await doInSteps(readObjectInSteps(environment.model, expected, body, options));
  await endOfLongStep();
  return new OwnedObject(object, await doInSteps(writeManagersInSteps(result.managers)));
}

/**
 * Somebody owns everything that can be applied here before the first apply, so that what is taken from him is a conflict. Pauses,
 * as an apply does.
 */
export function* managersOfLive(
  shape: Shape,
  live: JsonObject,
  managers: Managers,
  { writer, ignoredFields }: { readonly writer: Writer; readonly ignoredFields: FieldSet },
): Generator<void, Managers> {
  if (managers.size > 0) return managers;
  try {
    const anybody = { ...writer, name: BEFORE_FIRST_APPLY };
    const found = yield* updateOwnershipInSteps(shape, { live: undefined, wanted: live }, managers, anybody);
    const owned = [...found].map(([key, manager]) => {
      return [key, { ...manager, fields: withoutSubtrees(manager.fields, ignoredFields) }] as const;
    });
    return new Map(owned.filter(([, { fields }]) => !isEmptySet(fields)));
  } catch (error) {
    throw untyped("live object", live, error);
  }
}

/** Throws the 409 that names the owners, or BadRequest for what fits no schema. */
export function* applyConfiguration(
  shape: Shape,
  objects: { readonly live: JsonObject; readonly applied: JsonObject },
  managers: Managers,
  writer: Writer,
  options: ApplyOptions,
): Generator<void, Extract<ApplyResult, { type: "applied" }>> {
  const apply = (force: boolean) => applyOwnershipInSteps(shape, objects, managers, writer, { ...options, force });
  try {
    const result = yield* apply(options.force);
    if (result.type === "applied") return result;
    const taken = writer.name === KUBECTL ? fieldsOfLastApplied(shape, objects.live, writer.apiVersion) : undefined;
    const conflicts = taken ? conflictsOutside(result.conflicts, taken) : result.conflicts;
    if (conflicts.length > 0) throw applyConflict(conflicts);
    const forced = yield* apply(true);
    if (forced.type === "conflict") throw applyConflict(forced.conflicts);
    return forced;
  } catch (error) {
    throw untyped("patch object", objects.applied, error);
  }
}

/** A 400 for what fits no schema or names its list items not at all; anything else as it is. */
function untyped(what: string, object: JsonObject, error: unknown): unknown {
  if (!(error instanceof TypedValueError)) return error;
  const { metadata, apiVersion, kind } = object;
  const { namespace = "", name = "" } = (metadata ?? {}) as KubeObject["metadata"]; // only to say which object it is
  const subject = `${namespace}/${name}; ${describeType(apiVersion, kind)}`;
  return new ApiError("BadRequest", `failed to create typed ${what} (${subject}): ${error.message}`, { cause: error });
}

function checkApplied({ kind }: Target, { apiVersion, kind: kindName, metadata }: JsonObject): void {
  if (apiVersion !== apiVersionOf(kind.resource) || kindName !== kind.resource.kind) {
    throw new ApiError("BadRequest", `invalid object type: ${describeType(apiVersion, kindName)}`);
  }
  if (
    typeof metadata === "object" &&
    metadata !== null &&
    "managedFields" in metadata &&
    metadata.managedFields !== null
  ) {
    throw new ApiError("BadRequest", "metadata.managedFields must be nil");
  }
}

/** "apps/v1, Kind=Deployment", and with an empty group "/v1, Kind=Pod". */
function describeType(apiVersion: unknown, kind: unknown): string {
  const text = typeof apiVersion === "string" ? apiVersion : "";
  return `${text.includes("/") ? text : `/${text}`}, Kind=${typeof kind === "string" ? kind : ""}`;
}
