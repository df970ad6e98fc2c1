// Finds an object's metadata in its JSON without reading the rest, which is mostly longer and, once parsed, many times larger
// than its bytes.

import type { ObjectMeta } from "@atoll/api/meta/types";
import { assert } from "@atoll/base/errors";

const START = '"metadata":{';
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);
const OPEN = "{".charCodeAt(0);
const CLOSE = "}".charCodeAt(0);

/** Of an object in our own layout, whose kind and apiVersion stand before its metadata and nothing else does. */
export function parseMetadata(bytes: Buffer): ObjectMeta {
  const found = bytes.indexOf(START);
  assert(found !== -1, "An object of our own has no metadata");
  const start = found + START.length - 1;
  return JSON.parse(bytes.toString("utf8", start, endOfObject(bytes, start))) as ObjectMeta; // we encoded it ourselves
}

/** Behind the brace that closes the one at `start`. */
function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let index = start; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === QUOTE) index = endOfString(bytes, index);
    else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return index + 1;
  }
  return bytes.length;
}

/** Where the quote is that closes the one at `start`. */
function endOfString(bytes: Buffer, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
  return index;
}
