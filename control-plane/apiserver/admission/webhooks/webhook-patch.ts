// What a webhook wants changed, carried out: on the version it saw, read again by the kind's schema, defaulted, and brought
// back to the version of the request.

import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { describeError } from "@atoll/base/errors";
import { applyJsonPatch } from "@atoll/machinery/object/json-patch";
import type { AdmissionRequest } from "../admission.ts";
import { adoptChanged, readChanged } from "../adopt-object.ts";
import type { ConvertObject, VersionedObjects } from "../matching/object-versions.ts";
import type { RequestMatch } from "../matching/request-matcher.ts";
import type { ReviewAnswer } from "./admission-review.ts";
import { BAD_REQUEST, internalError, SERVICE_UNAVAILABLE, WebhookCallError } from "./webhook-errors.ts";
import type { Webhook } from "./webhook-list.ts";

export interface PatchParts {
  readonly webhook: Webhook;
  readonly match: RequestMatch;
  readonly objects: VersionedObjects;
  readonly answer: ReviewAnswer;
}

/** Undefined: the webhook wants nothing changed. Else the request's object has been changed in place. */
export async function applyWebhookPatch(
  { model, convert }: { readonly model: SchemaModel; readonly convert: ConvertObject },
  request: AdmissionRequest,
  { webhook, match, objects, answer }: PatchParts,
): Promise<{ readonly patch: unknown; readonly isChanged: boolean } | undefined> {
  if (answer.patch === undefined) return undefined;
  const patch = decodePatch(webhook, answer.patch);
  if (patch.length === 0) return undefined;
  const { name } = webhook;
  const isUnknown = request.bodyKind !== undefined && !(request.bodyKind.schema in model.definitions);
  if (!objects.object || !request.object || isUnknown) {
    const what = "attempted to modify the object, which is not supported for this operation";
    throw internalError(`admission webhook ${JSON.stringify(name)} ${what}`);
  }
  if (answer.patchType !== "JSONPatch") {
    throw new WebhookCallError(name, `unsupported patch type ${JSON.stringify(answer.patchType)}`, {
      code: answer.result?.code ?? BAD_REQUEST,
    });
  }
  const patched = decodePatched(model, request, { match, value: patchObject(objects.object, patch) });
  const isChanged = await adoptChanged(convert, request, { match, seen: objects.object, changed: patched });
  return { patch, isChanged };
}

function decodePatch({ name }: Webhook, base64: string): unknown[] {
  let patch: unknown;
  try {
    patch = JSON.parse(Buffer.from(base64, "base64").toString());
  } catch (error) {
    throw undecodablePatch(name, describeError(error));
  }
  if (!Array.isArray(patch)) {
    throw undecodablePatch(name, "it is no list of operations");
  }
  return patch;
}

function undecodablePatch(name: string, fault: string): WebhookCallError {
  const reason = `received undecodable patch in webhook response: ${fault}`;
  return new WebhookCallError(name, reason, { code: SERVICE_UNAVAILABLE });
}

function patchObject(object: KubeObject, patch: unknown[]): unknown {
  try {
    return applyJsonPatch(object, patch);
  } catch (error) {
    throw internalError(describeError(error), error);
  }
}

function decodePatched(
  model: SchemaModel,
  request: AdmissionRequest,
  changed: { readonly match: RequestMatch; readonly value: unknown },
): KubeObject {
  try {
    return readChanged(model, request, changed);
  } catch (error) {
    throw internalError(describeError(error), error);
  }
}
