// AdmissionReview, the message between this server and a webhook: what is asked, and what of an answer is believed.

import { REVIEW_VERSIONS } from "@atoll/api/admission-registration/webhook";
import type { Status } from "@atoll/api/meta/types";
import type { KubeObject } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";
import { faultOfType, faultOfUid, parseReview } from "../../outgoing/review-answer.ts";
import type { AdmissionRequest } from "../admission.ts";
import type { VersionedObjects } from "../matching/object-versions.ts";
import { namespaceNameOf, type RequestMatch } from "../matching/request-matcher.ts";
import { userInfo } from "../../request/user-info.ts";
import { groupVersionKind, groupVersionResource } from "../shown-request.ts";

const REVIEW = { group: "admission.k8s.io", kind: "AdmissionReview" };

export type ReviewVersion = (typeof REVIEW_VERSIONS)[number];

/** The first version of the webhook's own list that this server speaks. */
export function chooseVersion(versions: readonly string[]): ReviewVersion | undefined {
  for (const version of versions) {
    const known = REVIEW_VERSIONS.find((candidate) => candidate === version);
    if (known) return known;
  }
  return undefined;
}

export interface ReviewQuestion {
  readonly version: ReviewVersion;
  readonly uid: string;
  readonly request: AdmissionRequest;
  readonly match: RequestMatch;
  readonly objects: VersionedObjects;
}

export function formatReview({ version, uid, request, match, objects }: ReviewQuestion): Uint8Array {
  const { kind, bodyKind, subresource, name, operation, user, dryRun, options } = request;
  const namespace = namespaceNameOf(request);
  const review = {
    kind: REVIEW.kind,
    apiVersion: `${REVIEW.group}/${version}`,
    request: {
      uid,
      kind: groupVersionKind(match.objectKind),
      resource: groupVersionResource(match.kind.resource),
      ...(match.subresource === "" ? {} : { subResource: match.subresource }),
      requestKind: groupVersionKind(bodyKind ?? kind.resource),
      requestResource: groupVersionResource(kind.resource),
      ...(subresource === "" ? {} : { requestSubResource: subresource }),
      ...(name === "" ? {} : { name }),
      ...(namespace === "" ? {} : { namespace }),
      operation,
      userInfo: userInfo(user),
      object: shown(objects.object),
      oldObject: shown(objects.oldObject),
      dryRun,
      options: options ?? null,
    },
  };
  return Buffer.from(JSON.stringify(review));
}

/** Who owns which field is told as it is: webhooks may look at anything. */
function shown(object: KubeObject | undefined): KubeObject | null {
  return object ?? null;
}

/** What a webhook said. */
export interface ReviewAnswer {
  readonly isAllowed: boolean;
  /** Base64 of a JSON patch; undefined: nothing shall change. */
  readonly patch: string | undefined;
  readonly patchType: string | undefined;
  readonly result: Partial<Status> | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** Answers the reason why it is none where it is none. */
export function readAnswer(
  body: Uint8Array,
  { version, uid, mayPatch }: { readonly version: ReviewVersion; readonly uid: string; readonly mayPatch: boolean },
): ReviewAnswer | { readonly fault: string } {
  const parsed = parseReview(body);
  if ("fault" in parsed) return parsed;
  const { review } = parsed;
  if (!isRecord(review) || !isRecord(review.response)) return { fault: "webhook response was absent" };
  const { response } = review;
  const patch = typeof response.patch === "string" && response.patch !== "" ? response.patch : undefined;
  const patchType = typeof response.patchType === "string" ? response.patchType : undefined;
  if (version === "v1") {
    const fault =
      faultOfUid(response, uid) ?? faultOfType(review, REVIEW) ?? checkPatch({ patch, patchType, mayPatch });
    if (fault !== undefined) return { fault };
  }
  return {
    isAllowed: response.allowed === true,
    patch: mayPatch ? patch : undefined,
    // The older version never said what its patches are; there is only one kind.
    patchType: version === "v1" ? patchType : "JSONPatch",
    result: isRecord(response.status) ? (response.status as Partial<Status>) : undefined, // texts and numbers are read as such
    warnings: stringsOf(response.warnings),
    auditAnnotations: textsOf(response.auditAnnotations),
  };
}

function checkPatch({
  patch,
  patchType,
  mayPatch,
}: {
  readonly patch: string | undefined;
  readonly patchType: string | undefined;
  readonly mayPatch: boolean;
}): string | undefined {
  if (!mayPatch) {
    if (patch !== undefined) return "validating webhook may not return response.patch";
    return patchType === undefined ? undefined : "validating webhook may not return response.patchType";
  }
  if (patch !== undefined && patchType === undefined)
    return "webhook returned response.patch but not response.patchType";
  if (patch === undefined && patchType !== undefined)
    return "webhook returned response.patchType but not response.patch";
  return patchType === "" ? 'webhook returned invalid response.patchType of ""' : undefined;
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function textsOf(value: unknown): Record<string, string> {
  const texts = isRecord(value) ? Object.entries(value).filter(([, text]) => typeof text === "string") : [];
  return Object.fromEntries(texts) as Record<string, string>; // the rest has been left out
}
