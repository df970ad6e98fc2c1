// Conversion of custom resources by the webhook that their definition names: many objects in one ConversionReview, and of the
// answer only what a conversion may change.

import { allFaults } from "@atoll/api/meta/long-checks";
import { validateAnnotations, validateLabels } from "@atoll/api/meta/object-meta";
import type { CustomResourceDefinition } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";
import { randomUuid, type Random } from "@atoll/base/random";
import { ApiError } from "@atoll/machinery/object/api-error";
import { type CallTarget, CallError, type PostJson } from "../outgoing/https-caller.ts";
import { webhookTarget } from "../outgoing/webhook-target.ts";
import { describeStatus } from "../outgoing/describe-status.ts";
import { faultOfType, faultOfUid, parseReview } from "../outgoing/review-answer.ts";
import type { ConvertObjects } from "../registry/converting-codec.ts";
import { copyObject } from "../registry/object-fields.ts";

const REVIEW = { group: "apiextensions.k8s.io", kind: "ConversionReview" };
const REVIEW_VERSIONS = ["v1", "v1beta1"] as const;
/** As upstream's calls that have no time limit of their own. */
const TIMEOUT_MS = 30_000;
/** Objects of one review: a page of a list. */
const OBJECTS_MAX = 500;
/** The largest objects there may be, a good part of a review's. */
const ANSWER_BYTES_MAX = 128 * 1024 * 1024;

export interface ConversionCalls {
  readonly post: PostJson;
  readonly random: Random;
}

/** Undefined: versions differ in nothing but their names. */
export function conversionWebhook(
  { spec }: CustomResourceDefinition,
  calls: ConversionCalls,
): ConvertObjects | undefined {
  const { strategy, webhook } = spec.conversion ?? {};
  if (strategy !== "Webhook" || !webhook?.clientConfig) return undefined;
  const target = webhookTarget(webhook.clientConfig);
  const version = webhook.conversionReviewVersions
    .map((name) => REVIEW_VERSIONS.find((known) => known === name))
    .find((known) => known !== undefined);
  return async (objects, apiVersion) => {
    const results = [...objects];
    const indexes = objects.flatMap((object, index) => (object.apiVersion === apiVersion ? [] : [index]));
    for (let start = 0; start < indexes.length; start += OBJECTS_MAX) {
      const piece = indexes.slice(start, start + OBJECTS_MAX);
      const originals = piece.flatMap((index) => objects[index] ?? []);
      if (!version) throw failed(originals, "failed: no supported conversion review versions");
      const converted = await convertPiece(calls, { target, version, apiVersion, originals });
      for (const [place, index] of piece.entries()) {
        const object = converted[place];
        if (object) results[index] = object;
      }
    }
    return results;
  };
}

interface Piece {
  readonly target: CallTarget;
  readonly version: (typeof REVIEW_VERSIONS)[number];
  readonly apiVersion: string;
  readonly originals: readonly KubeObject[];
}

async function convertPiece({ post, random }: ConversionCalls, piece: Piece): Promise<KubeObject[]> {
  const { target, version, apiVersion, originals } = piece;
  const uid = randomUuid(random);
  const review = {
    kind: REVIEW.kind,
    apiVersion: `${REVIEW.group}/${version}`,
    request: { uid, desiredAPIVersion: apiVersion, objects: originals },
  };
  const fail = (what: string, cause?: unknown) => failed(originals, what, cause);
  const call = { body: Buffer.from(JSON.stringify(review)), timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX };
  const { status, body } = await post(target, call).catch((thrown: unknown) => {
    if (!(thrown instanceof CallError)) throw thrown;
    throw fail(`failed: ${thrown.message}`, thrown);
  });
  if (status < 200 || status > 299) throw fail(`failed: ${describeStatus(status, body)}`);
  const answer = readAnswer(body, version, uid);
  if ("fault" in answer) throw fail(`failed: ${answer.fault}`);
  if (answer.objects.length !== originals.length) {
    throw fail(`returned ${answer.objects.length} objects, expected ${originals.length}`);
  }
  return originals.map((original, index) => {
    const checked = checkConverted(original, answer.objects[index], apiVersion);
    if ("fault" in checked) throw fail(`returned invalid converted object at index ${index}: ${checked.fault}`);
    return checked.object;
  });
}

function readAnswer(
  body: Uint8Array,
  version: Piece["version"],
  uid: string,
): { readonly objects: readonly unknown[] } | { readonly fault: string } {
  const parsed = parseReview(body);
  if ("fault" in parsed) return parsed;
  const { review } = parsed;
  if (!isRecord(review)) return { fault: "no response provided" };
  const { response } = review;
  const typeFault = version === "v1" ? faultOfType(review, REVIEW) : undefined;
  if (typeFault !== undefined) return { fault: typeFault };
  if (!isRecord(response)) return { fault: "no response provided" };
  const uidFault = version === "v1" ? faultOfUid(response, uid) : undefined;
  if (uidFault !== undefined) return { fault: uidFault };
  const { status, message } = isRecord(response.result) ? response.result : {};
  if (status !== "Success") {
    if (typeof message === "string" && message !== "") return { fault: message };
    return { fault: `response.result.status was '${typeof status === "string" ? status : ""}', not 'Success'` };
  }
  return { objects: Array.isArray(response.convertedObjects) ? response.convertedObjects : [] };
}

/** Metadata is the original's, but for labels and annotations. */
function checkConverted(
  original: KubeObject,
  converted: unknown,
  apiVersion: string,
): { readonly object: KubeObject } | { readonly fault: string } {
  if (!isRecord(converted)) return { fault: "it is no object" };
  if (converted.apiVersion !== apiVersion) {
    return { fault: `invalid groupVersion (expected ${apiVersion}, received ${text(converted.apiVersion)})` };
  }
  if (converted.kind !== original.kind) {
    return { fault: `invalid kind (expected ${original.kind}, received ${text(converted.kind)})` };
  }
  const { metadata } = converted;
  if (metadata === undefined) return { fault: "missing metadata in converted object" };
  if (!isRecord(metadata)) return { fault: "invalid metadata in converted object" };
  for (const [field, name] of [
    ["name", "name"],
    ["namespace", "namespace"],
    ["uid", "UID"],
  ] as const) {
    const expected = original.metadata[field] ?? "";
    if (expected === text(metadata[field])) continue;
    return { fault: `must have the same ${name}: ${expected} != ${text(metadata[field])}` };
  }
  const restored = { ...copyObject(original).metadata };
  for (const field of ["labels", "annotations"] as const) {
    const texts = metadata[field] ?? undefined;
    delete restored[field];
    if (texts === undefined) continue;
    if (!isRecord(texts)) return { fault: `invalid metadata.${field} in converted object` };
    const wrong = Object.entries(texts).find(([, value]) => typeof value !== "string");
    if (wrong) return { fault: `metadata.${field}[${wrong[0]}] must be a string in converted object` };
    const strings = texts as Record<string, string>; // checked on the line above
    const check = field === "labels" ? validateLabels : validateAnnotations;
    const [error] = allFaults(check(strings, `metadata.${field}`));
    if (error) return { fault: `${error.field}: ${error.message}` };
    restored[field] = strings;
  }
  return { object: { ...converted, metadata: restored } };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function failed([first]: readonly KubeObject[], what: string, cause?: unknown): ApiError {
  const message = `conversion webhook for ${first?.apiVersion ?? ""}, Kind=${first?.kind ?? ""} ${what}`;
  return new ApiError("InternalError", message, {
    details: { causes: [{ message }] },
    ...(cause === undefined ? {} : { cause }),
  });
}
