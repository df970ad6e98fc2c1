import { ApiError } from "@atoll/machinery/object/api-error";

/** Upstream's limit of a request body; the store takes half of it as one value. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024;

/** No object of Kubernetes nests a tenth as deep; recursive readers overflow at some ten thousand. */
export const NESTING_DEPTH_MAX = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Refuses JSON that nests deeper than any reader should have to follow. Looks at bytes only, before anything is built. */
export function checkJsonDepth(bytes: Uint8Array): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > NESTING_DEPTH_MAX)
        throw new ApiError("BadRequest", `the body nests deeper than ${NESTING_DEPTH_MAX} levels`);
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
}

/** The same for a value that came from another format than JSON. */
export function checkValueDepth(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > NESTING_DEPTH_MAX)
    throw new ApiError("BadRequest", `the body nests deeper than ${NESTING_DEPTH_MAX} levels`);
  for (const child of Object.values(value)) checkValueDepth(child, depth + 1);
}
