// What a webhook or a policy has made of an object becomes the request's object: read again by the kind's schema, defaulted,
// and brought back to the version of the request.

import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { type BodyKind, bodyKindOf } from "../input/body-kind.ts";
import { readObject } from "../input/read-object.ts";
import { isDeepEqual } from "../registry/deep-equal.ts";
import { replaceContents } from "../registry/object-fields.ts";
import type { AdmissionRequest } from "./admission.ts";
import type { ConvertObject } from "./matching/object-versions.ts";
import type { RequestMatch } from "./matching/request-matcher.ts";

/** Throws ApiError when it is no object of the kind any more. */
export function readChanged(
  model: SchemaModel,
  { bodyKind }: AdmissionRequest,
  { match, value }: { readonly match: RequestMatch; readonly value: unknown },
): KubeObject {
  const expected: BodyKind = bodyKind ? { ...bodyKind, apiVersion: apiVersionOf(bodyKind) } : bodyKindOf(match.kind);
  const body = { value, duplicateFields: [] };
  const object = readObject(model, expected, body, { fieldValidation: "Ignore", warnings: [] });
  if (!bodyKind) match.kind.applyDefaults?.(object);
  return object;
}

/** Changes the request's object in place. Answers whether anything is different from what whoever changed it saw. */
export async function adoptChanged(
  convert: ConvertObject,
  request: AdmissionRequest,
  { match, seen, changed }: { readonly match: RequestMatch; readonly seen: KubeObject; readonly changed: KubeObject },
): Promise<boolean> {
  const { object, kind, bodyKind } = request;
  const isChanged = !isDeepEqual(seen, changed);
  const isOtherVersion = match.kind !== kind && bodyKind === undefined;
  if (object) replaceContents(object, isOtherVersion ? await convert(changed, match.kind, kind) : changed);
  return isChanged;
}
