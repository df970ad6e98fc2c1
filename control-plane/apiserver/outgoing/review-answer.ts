// What can be wrong with any review that a webhook sends back, in upstream's words.

import { isRecord } from "@atoll/base/is-record";
import { describeBadJson } from "@atoll/machinery/object/json-syntax";

export function parseReview(body: Uint8Array): { readonly review: unknown } | { readonly fault: string } {
  try {
    return { review: JSON.parse(Buffer.from(body).toString()) };
  } catch {
    return { fault: `couldn't get version/kind; json parse error: ${describeBadJson(body)}` };
  }
}

/** Of a review of version v1: older ones need not say what they are. */
export function faultOfType(
  { apiVersion, kind }: Readonly<Record<string, unknown>>,
  wanted: { readonly group: string; readonly kind: string },
): string | undefined {
  if (apiVersion === `${wanted.group}/v1` && kind === wanted.kind) return undefined;
  const got = `${typeof apiVersion === "string" ? apiVersion : ""}, Kind=${typeof kind === "string" ? kind : ""}`;
  return `expected webhook response of ${wanted.group}/v1, Kind=${wanted.kind}, got ${got}`;
}

/** `uid`: the request's. */
export function faultOfUid(response: unknown, uid: string): string | undefined {
  const answered = isRecord(response) && typeof response.uid === "string" ? response.uid : "";
  return answered === uid ? undefined : `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(answered)}`;
}
