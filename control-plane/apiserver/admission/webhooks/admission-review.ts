// AdmissionReview, the message between this server and a webhook: what is asked, and what of an answer is believed.

import { REVIEW_VERSIONS } from "@atoll/api/admission-registration/webhook";
import type { Status } from "@atoll/api/meta/types";
import type { KubeObject } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";
import { describeBadJson } from "@atoll/machinery/object/json-syntax";
import type { AdmissionRequest } from "../admission.ts";
import type { VersionedObjects } from "../matching/object-versions.ts";
import { namespaceNameOf, type RequestMatch } from "../matching/request-matcher.ts";

const GROUP = "admission.k8s.io";
const KIND = "AdmissionReview";

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
  const { extra } = user;
  const review = {
    kind: KIND,
    apiVersion: `${GROUP}/${version}`,
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
      userInfo: {
        ...(user.name === "" ? {} : { username: user.name }),
        ...(user.uid ? { uid: user.uid } : {}),
        ...(user.groups.length > 0 ? { groups: user.groups } : {}),
        ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
      },
      object: shown(objects.object),
      oldObject: shown(objects.oldObject),
      dryRun,
      options: options ?? null,
    },
  };
  return Buffer.from(JSON.stringify(review));
}

function groupVersionKind({ group, version, kind }: { group: string; version: string; kind: string }) {
  return { group, version, kind };
}

function groupVersionResource({ group, version, plural }: { group: string; version: string; plural: string }) {
  return { group, version, resource: plural };
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
  let review: unknown;
  try {
    review = JSON.parse(Buffer.from(body).toString());
  } catch {
    return { fault: `couldn't get version/kind; json parse error: ${describeBadJson(body)}` };
  }
  if (!isRecord(review) || !isRecord(review.response)) return { fault: "webhook response was absent" };
  const { response } = review;
  const patch = typeof response.patch === "string" && response.patch !== "" ? response.patch : undefined;
  const patchType = typeof response.patchType === "string" ? response.patchType : undefined;
  if (version === "v1") {
    const fault = checkReview(review, uid) ?? checkPatch({ patch, patchType, mayPatch });
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

function checkReview({ response, apiVersion, kind }: Record<string, unknown>, uid: string): string | undefined {
  const answered = isRecord(response) && typeof response.uid === "string" ? response.uid : "";
  if (answered !== uid) return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(answered)}`;
  if (apiVersion === `${GROUP}/v1` && kind === KIND) return undefined;
  const got = `${typeof apiVersion === "string" ? apiVersion : ""}, Kind=${typeof kind === "string" ? kind : ""}`;
  return `expected webhook response of ${GROUP}/v1, Kind=${KIND}, got ${got}`;
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
