// Bodies as texts: how they are decoded, and what is said of one that cannot be read.

import { ApiError } from "@atoll/machinery/object/api-error";
import { describeBadJson } from "@atoll/machinery/object/json-syntax";

// A mark of the byte order is left in: no JSON begins with one.
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = "\ufeff";

export function decodeText(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch (cause) {
    throw new ApiError("BadRequest", "the body is not valid UTF-8", { cause });
  }
}

/** YAML may begin with a mark of its byte order. */
export function decodeYamlText(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}

/** What cannot be read is the sender's mistake, with the fault alone as a message. */
export class UnreadableJson extends ApiError {
  readonly fault: string;

  constructor(bytes: Uint8Array, cause: unknown) {
    const fault = describeBadJson(bytes) ?? firstLineOf(cause);
    super("BadRequest", `${PARSE_ERROR}${fault}`, { cause });
    this.fault = fault;
  }
}

/** Where upstream looks for what an object is. */
export const PARSE_ERROR = "couldn't get version/kind; json parse error: ";

function firstLineOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause);
}

export function malformedYaml(cause: unknown): ApiError {
  return new ApiError("BadRequest", `couldn't get version/kind; yaml parse error: ${firstLineOf(cause)}`, { cause });
}

const SHOWN_BYTES_MAX = 30;

/** Enough of a body to say how it begins. */
export function startOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, SHOWN_BYTES_MAX + 1);
}

/** A body that is no object of the kind, by its start, as upstream shows it. */
export function describeUnrecognized(kind: string, fault: string, start: Uint8Array): string {
  return `the object provided is unrecognized (must be of type ${kind}): ${fault} (${summaryOf(start)})`;
}

const OPENING_BRACE = 0x7b;

function summaryOf(start: Uint8Array): string {
  if (start.length === 0) return "<empty>";
  const shown = Buffer.from(start.subarray(0, SHOWN_BYTES_MAX));
  const text = shown.toString(start[0] === OPENING_BRACE ? "utf8" : "hex");
  return start.length > SHOWN_BYTES_MAX ? `${text} ...` : text;
}
