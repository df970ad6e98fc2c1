// The few parts of an object that the registry handles for every kind, whatever the kind: spec and status as opaque JSON.

import { carryNotes } from "@atoll/api/meta/said-empty";
import type { KubeObject } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";

/** Any object, with the fields that kinds with a status have. */
export interface GenericObject extends KubeObject {
  spec?: unknown;
  status?: unknown;
}

/** Whether anything but metadata and status differs: what `metadata.generation` counts. */
export function withoutMetadataAndStatus(object: GenericObject): Record<string, unknown> {
  const { metadata: _metadata, status: _status, kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

/**
 * A copy that may be changed. Stored objects are shared by all readers. The list of field managers is shared with the copy:
 * it is only ever replaced, and often half of the object.
 */
export function copyObject<T extends KubeObject>(object: T): T {
  const { metadata } = object;
  const { managedFields, ...rest } = metadata ?? {};
  const copy = cloneJson({ ...object, metadata: rest }) as T; // a copy is what it is a copy of
  if (managedFields) copy.metadata.managedFields = managedFields;
  carryNotes(object, copy);
  return copy;
}

/** Makes `object` be what `contents` is, for all who hold it. */
export function replaceContents(object: KubeObject, contents: KubeObject): void {
  if (object === contents) return;
  for (const name of Object.keys(object)) delete (object as Record<string, unknown> & KubeObject)[name]; // by its own keys
  Object.assign(object, contents);
}

/** Several times as fast as structuredClone, which must expect more than JSON. */
function cloneJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson);
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    // A key that JSON may hold and that an assignment would take for something else.
    if (name === "__proto__") Object.defineProperty(copy, name, { ...PLAIN, value: cloneJson(item) });
    else copy[name] = cloneJson(item);
  }
  return copy;
}

const PLAIN = { configurable: true, enumerable: true, writable: true };

type JsonObject = Record<string, unknown>;

/** The object with the fields at `paths` as they are in another, or without them. A copy where that matters. */
export function withFieldsOf(
  other: JsonObject | undefined,
  object: JsonObject,
  paths: readonly (readonly string[])[],
): JsonObject {
  return paths.reduce((made, path) => withFieldOf(other, made, path), object);
}

function withFieldOf(other: JsonObject | undefined, object: JsonObject, path: readonly string[]): JsonObject {
  const [name = "", ...below] = path;
  const [own, others] = [object[name], other?.[name]];
  if (own === others) return object;
  if (below.length > 0) {
    if (!isRecord(own)) return object;
    return { ...object, [name]: withFieldOf(isRecord(others) ? others : undefined, own, below) };
  }
  const { [name]: _own, ...rest } = object;
  return others === undefined ? rest : { ...rest, [name]: others };
}
