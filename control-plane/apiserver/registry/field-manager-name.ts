// Under which name a write owns the fields it changes: the query's `fieldManager`, else what the client calls itself.

import type { StatusCause } from "@atoll/api/meta/types";
import { invalid } from "@atoll/machinery/object/api-error";
import type { ApiRequest } from "../request/request.ts";
import { isTrue } from "../request/request-info.ts";

/** Upstream's limit of a manager's name, in bytes of UTF-8. */
const NAME_BYTES_MAX = 128;

const UNKNOWN = "unknown";

const NOT_PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

const OPTIONS_OF_METHODS: Readonly<Record<string, string>> = {
  POST: "CreateOptions",
  PUT: "UpdateOptions",
  PATCH: "PatchOptions",
};

export function readFieldManager(query: URLSearchParams, request: ApiRequest): string {
  const name = query.size > 0 ? (query.get("fieldManager") ?? "") : "";
  if (name === "") return nameOfUserAgent(request.headers["user-agent"] ?? "") || UNKNOWN;
  const method = request.method.toUpperCase();
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    const message = `Too long: may not be more than ${NAME_BYTES_MAX} bytes`;
    throw invalidOptions(method, { reason: "FieldValueTooLong", field: "fieldManager", message });
  }
  if (NOT_PRINTABLE.test(name)) {
    const message = `Invalid value: ${JSON.stringify(name)}: should only contain printable characters`;
    throw invalidOptions(method, { reason: "FieldValueInvalid", field: "fieldManager", message });
  }
  return name;
}

/** What only an apply may ask for, and must: `force`, and a name that stays the same from one apply to the next. */
export function readForce(query: URLSearchParams, isApply: boolean): boolean {
  const force = query.size > 0 ? query.get("force") : null;
  if (isApply && !query.get("fieldManager")) {
    const message = "Required value: is required for apply patch";
    throw invalidOptions("PATCH", { reason: "FieldValueRequired", field: "fieldManager", message });
  }
  if (!isApply && force !== null) {
    const message = "Forbidden: may not be specified for non-apply patch";
    throw invalidOptions("PATCH", { reason: "FieldValueForbidden", field: "force", message });
  }
  return isTrue(force);
}

/** "kubectl" of "kubectl/v1.36.0 (linux/amd64)". */
function nameOfUserAgent(userAgent: string): string {
  const [name = ""] = userAgent.split("/", 1);
  let kept = "";
  for (const character of name) {
    if (NOT_PRINTABLE.test(character)) continue;
    if (Buffer.byteLength(kept + character) > NAME_BYTES_MAX) break;
    kept += character;
  }
  return kept;
}

function invalidOptions(method: string, cause: StatusCause) {
  const name = OPTIONS_OF_METHODS[method] ?? "PatchOptions";
  return invalid({ group: "meta.k8s.io", name }, "", [cause]);
}
