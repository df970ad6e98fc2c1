// The few parts of an object that the registry handles for every kind, whatever the kind: spec and status as opaque JSON.

import type { KubeObject } from "@atoll/api/resource";

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

/** A copy that may be changed. Stored objects are shared by all readers. */
export function copyObject<T extends KubeObject>(object: T): T {
  return structuredClone(object);
}
