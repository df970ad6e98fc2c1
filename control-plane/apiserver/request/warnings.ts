import type { ApiResponse } from "./request.ts";

/** Proxies drop answers with more than a few KiB of headers: more than this, and each warning is cut. */
const WARNINGS_LENGTH_MAX = 4096;
const CUT_WARNING_LENGTH_MAX = 256;

/** Each text once. There may be more of them than a call takes arguments. */
export function addWarnings(warnings: string[], more: readonly string[]): void {
  if (more.length === 0) return;
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
  const texts = shorten([...new Set(warnings)].filter((text) => text !== ""));
  if (texts.length === 0) return response;
  const values = texts.map((text) => {
    const printable = text.replaceAll(/[^\x20-\x7e]/g, "?");
    return `299 - "${printable.replaceAll(/["\\]/g, "\\$&")}"`;
  });
  return { ...response, headers: { ...response.headers, warning: values.join(", ") } };
}

/** As they are where they fit; else each is cut, and what still does not fit is left out. */
function shorten(texts: readonly string[]): readonly string[] {
  if (lengthOf(texts) <= WARNINGS_LENGTH_MAX) return texts;
  const told: string[] = [];
  for (let length = 0; length < WARNINGS_LENGTH_MAX && told.length < texts.length; ) {
    const cut = texts[told.length]?.slice(0, CUT_WARNING_LENGTH_MAX) ?? "";
    told.push(cut);
    length += cut.length;
  }
  return told;
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
