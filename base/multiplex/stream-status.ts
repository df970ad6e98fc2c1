// How a stream ended. The message `Status` of `api/guest-agent/agent.proto`, encoded here by hand because the ground floor
// knows no protocol buffers; the golden messages hold it to the real thing.

import { CodedError } from "../errors.ts";

export const STATUS_CODES = [
  "OK",
  "CANCELLED",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "RESOURCE_EXHAUSTED",
  "UNIMPLEMENTED",
  "UNAVAILABLE",
  "INTERNAL",
  "DEADLINE_EXCEEDED",
] as const;
export type StatusCode = (typeof STATUS_CODES)[number];

export interface StreamStatus {
  readonly code: StatusCode;
  readonly message: string;
}

/** Why a stream or the whole line ended, other than with OK. */
export class StreamError extends CodedError<StatusCode> {}

/**
 * Of a status' text on the wire. Enough for a sentence with its causes; far below the 8,435 bytes at which a text could spell
 * the reset's magic together with its own length.
 */
const MESSAGE_BYTES_MAX = 4_096;

export function encodeStatus(status: StreamStatus): Uint8Array {
  const text = new TextEncoder().encode(truncate(status.message));
  const code = STATUS_CODES.indexOf(status.code);
  return Uint8Array.of(
    ...(code === 0 ? [] : [0x08, code]),
    ...(text.length === 0 ? [] : [0x12, ...encodeVarint(text.length)]),
    ...text,
  );
}

/** Reads any bytes: what it does not understand is INTERNAL. Fields it does not know are skipped. */
export function decodeStatus(bytes: Uint8Array): StreamStatus {
  let code: StatusCode = "OK";
  let message = "";
  for (let at = 0; at < bytes.length; ) {
    const tag = decodeVarint(bytes, at);
    const value = tag && decodeVarint(bytes, tag.end);
    if (!tag || !value) return { code: "INTERNAL", message: "Unreadable status" };
    at = value.end;
    if (tag.value === 0x08) code = STATUS_CODES[value.value] ?? "INTERNAL";
    if ((tag.value & 7) === 2) {
      if (tag.value === 0x12) message = new TextDecoder().decode(bytes.subarray(at, at + value.value));
      at += value.value;
    } else if ((tag.value & 7) !== 0) return { code: "INTERNAL", message: "Unreadable status" };
  }
  return { code, message: truncate(message) };
}

function truncate(text: string): string {
  if (text.length * 3 <= MESSAGE_BYTES_MAX) return text;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= MESSAGE_BYTES_MAX) return text;
  // A character cut in half at the end is dropped.
  return new TextDecoder().decode(bytes.subarray(0, MESSAGE_BYTES_MAX), { stream: true });
}

function encodeVarint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...encodeVarint(value >>> 7)];
}

function decodeVarint(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value, end: from + i + 1 };
  }
  return undefined;
}
