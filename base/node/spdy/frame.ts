// Frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 with the session window of 3.1): bytes to frames and back, no state of
// streams. Data is handed on as it arrives, so no frame is ever held whole; control frames are, up to a limit.

import { CodedError } from "../../errors.ts";

/** Control frames carry headers of a few hundred bytes; a larger one is an attack or not SPDY. */
export const CONTROL_FRAME_BYTES_MAX = 65_536;

const VERSION = 3;
const HEADER_BYTES = 8;
const FLAG_FIN = 1;
const STREAM_ID_MASK = 0x7fff_ffff;

const TYPE = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export type SpdyErrorCode = "BrokenFrame" | "FrameTooLarge" | "BrokenHeaders" | "TooManyStreams" | "Closed" | "Reset";

export class SpdyError extends CodedError<SpdyErrorCode> {}

/** What RST_STREAM says. */
export const RESET_STATUS = { protocolError: 1, refusedStream: 3, cancel: 5, internalError: 6 } as const;

export type SpdyFrame =
  | {
      readonly type: "synStream" | "synReply" | "headers";
      readonly streamId: number;
      readonly fin: boolean;
      readonly headerBlock: Uint8Array;
    }
  | { readonly type: "rstStream"; readonly streamId: number; readonly status: number }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "goAway"; readonly lastStreamId: number; readonly status: number }
  | { readonly type: "windowUpdate"; readonly streamId: number; readonly delta: number }
  /** A piece of a data frame; `fin` only with its last piece. */
  | { readonly type: "data"; readonly streamId: number; readonly fin: boolean; readonly bytes: Uint8Array };

/** Takes the bytes of a connection in any pieces and gives the frames that are complete. */
export class SpdyFrameReader {
  #pending: Buffer = Buffer.alloc(0);
  /** The data frame whose rest is still to come. */
  #data: { readonly streamId: number; readonly fin: boolean; remaining: number } | undefined;

  push(chunk: Uint8Array): SpdyFrame[] {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    const frames: SpdyFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      if (frame !== "ignored") frames.push(frame);
    }
    return frames;
  }

  #next(): SpdyFrame | "ignored" | undefined {
    if (this.#data) return this.#takeData(this.#data);
    if (this.#pending.length < HEADER_BYTES) return undefined;
    const first = this.#pending.readUInt32BE(0);
    const flags = this.#pending.readUInt8(4);
    const length = this.#pending.readUIntBE(5, 3);
    if (first >>> 31 === 0) {
      this.#take(HEADER_BYTES);
      this.#data = { streamId: first, fin: (flags & FLAG_FIN) !== 0, remaining: length };
      return this.#takeData(this.#data);
    }
    if (((first >>> 16) & 0x7fff) !== VERSION) throw new SpdyError("BrokenFrame", "The peer does not speak SPDY/3");
    if (length > CONTROL_FRAME_BYTES_MAX) throw new SpdyError("FrameTooLarge", `Control frame of ${length} bytes`);
    if (this.#pending.length < HEADER_BYTES + length) return undefined;
    this.#take(HEADER_BYTES);
    return parseControl(first & 0xffff, flags, this.#take(length));
  }

  #takeData(data: { readonly streamId: number; readonly fin: boolean; remaining: number }): SpdyFrame | undefined {
    if (data.remaining > 0 && this.#pending.length === 0) return undefined;
    const bytes = this.#take(Math.min(data.remaining, this.#pending.length));
    data.remaining -= bytes.length;
    if (data.remaining === 0) this.#data = undefined;
    return { type: "data", streamId: data.streamId, fin: data.fin && data.remaining === 0, bytes };
  }

  #take(length: number): Buffer {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }
}

function parseControl(type: number, flags: number, payload: Buffer): SpdyFrame | "ignored" {
  const word = (offset: number): number => {
    if (payload.length < offset + 4) throw new SpdyError("BrokenFrame", `Control frame of type ${type} is too short`);
    return payload.readUInt32BE(offset);
  };
  const streamId = () => word(0) & STREAM_ID_MASK;
  const fin = (flags & FLAG_FIN) !== 0;
  switch (type) {
    case TYPE.synStream: {
      // Between the two stream numbers and the headers stand two bytes of priority and slot, which nobody here uses.
      if (payload.length < 10) throw new SpdyError("BrokenFrame", "SYN_STREAM is too short");
      return { type: "synStream", streamId: streamId(), fin, headerBlock: payload.subarray(10) };
    }
    case TYPE.synReply:
      return { type: "synReply", streamId: streamId(), fin, headerBlock: payload.subarray(4) };
    case TYPE.headers:
      return { type: "headers", streamId: streamId(), fin, headerBlock: payload.subarray(4) };
    case TYPE.rstStream:
      return { type: "rstStream", streamId: streamId(), status: word(4) };
    case TYPE.ping:
      return { type: "ping", id: word(0) };
    case TYPE.goAway:
      return { type: "goAway", lastStreamId: streamId(), status: word(4) };
    case TYPE.windowUpdate:
      return { type: "windowUpdate", streamId: streamId(), delta: word(4) & STREAM_ID_MASK };
    default:
      // SETTINGS and types from the future change nothing for us.
      return "ignored";
  }
}

/** The bytes of a frame. */
export function encodeFrame(frame: SpdyFrame): Buffer {
  switch (frame.type) {
    case "synStream":
      return control(TYPE.synStream, frame.fin, [words(frame.streamId, 0), Buffer.alloc(2), frame.headerBlock]);
    case "synReply":
    case "headers":
      return control(TYPE[frame.type], frame.fin, [words(frame.streamId), frame.headerBlock]);
    case "rstStream":
      return control(TYPE.rstStream, false, [words(frame.streamId, frame.status)]);
    case "ping":
      return control(TYPE.ping, false, [words(frame.id)]);
    case "goAway":
      return control(TYPE.goAway, false, [words(frame.lastStreamId, frame.status)]);
    case "windowUpdate":
      return control(TYPE.windowUpdate, false, [words(frame.streamId, frame.delta)]);
    case "data": {
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32BE(frame.streamId, 0);
      header.writeUInt8(frame.fin ? FLAG_FIN : 0, 4);
      header.writeUIntBE(frame.bytes.length, 5, 3);
      return Buffer.concat([header, frame.bytes]);
    }
  }
}

function control(type: number, fin: boolean, parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(0x8000 | VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt8(fin ? FLAG_FIN : 0, 4);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4);
  return buffer;
}
