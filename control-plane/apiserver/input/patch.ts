// PATCH: which of the patch types the body is, and what it makes of an object.

import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { ApiError } from "@atoll/machinery/object/api-error";
import { applyJsonPatch } from "@atoll/machinery/object/json-patch";
import { applyMergePatch } from "@atoll/machinery/object/merge-patch";
import { applyStrategicMergePatch } from "@atoll/machinery/object/strategic-merge-patch";
import type { ApiRequest } from "../request/request.ts";
import { BODY_BYTES_MAX } from "./body-limits.ts";
import { contentType, type ParsedBody, parseJson } from "./parse-body.ts";

export interface Patch {
  /** The patched object as plain JSON, not yet decoded. The argument is not changed. */
  apply(object: KubeObject): unknown;
  /** Fields the patch's text holds twice. */
  readonly duplicateFields: readonly string[];
}

const ACCEPTED = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
].join(", ");

export async function readPatch(request: ApiRequest, model: SchemaModel, kind: KindDefinition): Promise<Patch> {
  const type = contentType(request);
  // Refused by its type alone: a body nobody can use is not read.
  if (type === "application/apply-patch+yaml" || type === "application/apply-patch+cbor") {
    throw unsupported("server-side apply is not served yet, use client-side apply");
  }
  const apply = applierOf(type, model, kind);
  const body = parseJson(await request.body.read(BODY_BYTES_MAX));
  return { apply: (object) => apply(object, body), duplicateFields: body.duplicateFields };
}

function applierOf(
  type: string,
  model: SchemaModel,
  kind: KindDefinition,
): (object: KubeObject, body: ParsedBody) => unknown {
  switch (type) {
    case "application/json-patch+json":
      return (object, { value }) => applyJsonPatch(object, value);
    case "application/merge-patch+json":
      return (object, { value }) => applyMergePatch(object, value);
    case "application/strategic-merge-patch+json":
      if (isCustom(kind)) throw unsupported(`strategic merge patches are not served for ${kind.resource.group}`);
      return (object, { value }) => applyStrategicMergePatch(model, kind.schema, { ...object }, value);
    default:
      throw unsupported(`accepted media types include: ${ACCEPTED}`);
  }
}

/** Kinds of other groups than Kubernetes' own have no merge keys, as custom resources have none upstream. */
function isCustom({ resource: { group } }: KindDefinition): boolean {
  return group.includes(".") && !group.endsWith(".k8s.io");
}

function unsupported(why: string): ApiError {
  return new ApiError("UnsupportedMediaType", `the body of the request was in an unknown format - ${why}`);
}
