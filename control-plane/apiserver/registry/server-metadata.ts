// What of an object's metadata only the server writes, whatever a client sends, and what must fit the place that was asked for.

import type { ObjectMeta } from "@atoll/api/meta/types";
import type { KubeObject } from "@atoll/api/resource";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import { subjectOf } from "./field-errors.ts";
import type { GenericObject } from "./object-fields.ts";
import type { Target } from "./write-options.ts";

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

/** In place, on an object that is there: all of it is as it was. */
export function keepServerMetadata(object: GenericObject, old: GenericObject): void {
  for (const field of SERVER_FIELDS) keepField(field, object.metadata, old.metadata);
  object.kind = old.kind ?? "";
  object.apiVersion = old.apiVersion ?? "";
}

function keepField<F extends keyof ObjectMeta>(field: F, metadata: ObjectMeta, kept: ObjectMeta): void {
  if (kept[field] !== undefined) metadata[field] = kept[field];
  else if (field in metadata) delete metadata[field];
}

/** In place, on a new object: nothing of it is set yet but the name. */
export function dropServerMetadata({ metadata }: GenericObject): void {
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.generation;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
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
      "the namespace of the provided object does not match the namespace sent on the request",
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

/** "0" stands for any version, as no version at all does. */
export function saysVersion({ metadata: { resourceVersion = "" } }: KubeObject): boolean {
  return /^0*[1-9]\d*$/.test(resourceVersion);
}

/** The name is that of the URL, too. */
export function checkName(target: Target, { metadata }: KubeObject): void {
  if (!metadata.name) {
    const why = "undeterminable: name must be provided";
    throw new ApiError("BadRequest", `the name of the object (${target.name} based on URL) was ${why}`);
  }
  if (metadata.name !== target.name) {
    throw new ApiError(
      "BadRequest",
      `the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`,
    );
  }
}
