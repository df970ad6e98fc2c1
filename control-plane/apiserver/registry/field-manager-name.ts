// Under which name a write owns the fields it changes: the query's `fieldManager`, else what the client calls itself.

import type { ApiRequest } from "../request/request.ts";
import { MANAGER_BYTES_MAX, NOT_PRINTABLE } from "./option-faults.ts";

const UNKNOWN = "unknown";

export function readFieldManager(query: URLSearchParams, request: ApiRequest): string {
  const name = query.size > 0 ? (query.get("fieldManager") ?? "") : "";
  return name || nameOfUserAgent(request.headers["user-agent"] ?? "") || UNKNOWN;
}

/** "kubectl" of "kubectl/v1.36.0 (linux/amd64)". */
function nameOfUserAgent(userAgent: string): string {
  const [name = ""] = userAgent.split("/", 1);
  let kept = "";
  for (const character of name) {
    if (NOT_PRINTABLE.test(character)) continue;
    if (Buffer.byteLength(kept + character) > MANAGER_BYTES_MAX) break;
    kept += character;
  }
  return kept;
}
