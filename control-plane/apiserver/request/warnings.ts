import type { ApiResponse } from "./request.ts";

/** Upstream stops at the same sizes: proxies drop answers with more than a few KiB of headers. */
const WARNING_LENGTH_MAX = 256;
const WARNINGS_LENGTH_MAX = 4096;

/** Each text once. There may be more of them than a call takes arguments. */
export function addWarnings(warnings: string[], more: readonly string[]): void {
  const known = new Set(warnings);
  for (const text of more) {
    if (known.has(text)) continue;
    known.add(text);
    warnings.push(text);
  }
}

/** The answer with its warnings as one Warning header (RFC 7234, code 299), which kubectl prints line by line. */
export function withWarnings(response: ApiResponse, warnings: readonly string[]): ApiResponse {
  if (warnings.length === 0) return response;
  let header = "";
  for (const warning of new Set(warnings)) {
    const text = warning.slice(0, WARNING_LENGTH_MAX).replaceAll(/[^\x20-\x7e]/g, "?");
    const value = `299 - "${text.replaceAll(/["\\]/g, "\\$&")}"`;
    if (header.length + value.length > WARNINGS_LENGTH_MAX) break;
    header += header === "" ? value : `, ${value}`;
  }
  return { ...response, headers: { ...response.headers, warning: header } };
}
