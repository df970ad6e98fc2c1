// Frames of the guest agent's line, and the reset that starts a connection; the format is told in
// `api/guest-agent/README.md`. The reader here must take any bytes at all without throwing or growing: a guest is hostile.

export const FRAME_TYPE = { open: 1, data: 2, end: 3, close: 4, credit: 5, ping: 6, pong: 7 } as const;

/** The message goes on in the next DATA frame of its stream. */
export const FLAG_MORE = 1;

/** Of one frame; a message is cut into as many as it needs. */
export const PAYLOAD_BYTES_MAX = 65_536;

/** What the length field counts before the payload: type, flags, stream. */
const COUNTED_HEADER_BYTES = 6;
const HEADER_BYTES = 4 + COUNTED_HEADER_BYTES;

export const RESET_MAGIC: Uint8Array = Uint8Array.of(
  ...[0xf3, 0x41, 0x54, 0x4f, 0x4c, 0x4c, 0x2d, 0x52, 0x45, 0x53, 0x45, 0x54, 0x0a, 0x1d, 0xc8, 0x97],
);
const EPOCH_BYTES = 8;
/** Only at the magic's beginning, so that a search for it never has to step back. */
const MAGIC_FIRST = 0xf3;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

export function encodeFrame(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + frame.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, COUNTED_HEADER_BYTES + frame.payload.length);
  bytes[4] = frame.type;
  bytes[5] = frame.flags;
  view.setUint32(6, frame.stream);
  bytes.set(frame.payload, HEADER_BYTES);
  return bytes;
}

export function encodeReset(epoch: bigint): Uint8Array {
  const bytes = new Uint8Array(RESET_MAGIC.length + EPOCH_BYTES);
  bytes.set(RESET_MAGIC);
  new DataView(bytes.buffer).setBigUint64(RESET_MAGIC.length, epoch);
  return bytes;
}

/**
 * How much of `payload` may stand in one frame of `stream`: all of it, or the part up to the middle of the reset magic
 * where the frame would show it. The magic can begin in the stream's number, but never spans two frames: each begins with 0.
 */
export function safePayloadLength(stream: number, payload: Uint8Array): number {
  const half = RESET_MAGIC.length / 2;
  const streamBytes = new Uint8Array(4);
  new DataView(streamBytes.buffer).setUint32(0, stream);
  for (let inHeader = 4; inHeader > 0; inHeader--) {
    const isBegun = matches(streamBytes, 4 - inHeader, 0, inHeader);
    if (isBegun && matches(payload, 0, inHeader, RESET_MAGIC.length - inHeader)) return half - inHeader;
  }
  for (let at = payload.indexOf(MAGIC_FIRST); at >= 0; at = payload.indexOf(MAGIC_FIRST, at + 1)) {
    if (matches(payload, at, 0, RESET_MAGIC.length)) return at + half;
  }
  return payload.length;
}

/** Whether `bytes` at `at` equal `length` bytes of the magic from `magicAt`. */
function matches(bytes: Uint8Array, at: number, magicAt: number, length: number): boolean {
  if (at + length > bytes.length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== RESET_MAGIC[magicAt + i]) return false;
  return true;
}

export interface FrameHandler {
  onFrame(frame: Frame): void;
  onReset(epoch: bigint): void;
  /** Told once; after it only a reset brings the reader back. */
  onBroken(): void;
}

/**
 * Turns bytes, cut anywhere, into frames and resets. Every byte is looked at twice: as part of a frame, and as part of a
 * reset, which counts wherever it stands.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #header = new Uint8Array(HEADER_BYTES);
  readonly #epoch = new Uint8Array(EPOCH_BYTES);
  #headerFill = 0;
  #payload: Uint8Array | undefined;
  #payloadFill = 0;
  #magicFill = 0;
  #epochFill = -1;
  #isBroken = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#epochFill >= 0) at = this.#takeEpoch(chunk, at);
      else at = this.#takeUntilReset(chunk, at);
    }
  }

  #takeEpoch(chunk: Uint8Array, from: number): number {
    const part = chunk.subarray(from, from + EPOCH_BYTES - this.#epochFill);
    this.#epoch.set(part, this.#epochFill);
    this.#epochFill += part.length;
    if (this.#epochFill === EPOCH_BYTES) {
      this.#epochFill = -1;
      this.#handler.onReset(new DataView(this.#epoch.buffer).getBigUint64(0));
    }
    return from + part.length;
  }

  #takeUntilReset(chunk: Uint8Array, from: number): number {
    const carried = this.#magicFill;
    const magicEnd = this.#findMagicEnd(chunk, from);
    if (magicEnd < 0) {
      this.#takeFrameBytes(chunk.subarray(from));
      return chunk.length;
    }
    const magicStart = Math.max(from, magicEnd - RESET_MAGIC.length);
    // With a magic that began in an earlier chunk nothing before it is left here.
    if (magicEnd - from !== RESET_MAGIC.length - carried) this.#takeFrameBytes(chunk.subarray(from, magicStart));
    this.#headerFill = 0;
    this.#payload = undefined;
    this.#isBroken = false;
    this.#epochFill = 0;
    return magicEnd;
  }

  /** Where the first whole magic of the byte stream ends in `chunk`, or -1; remembers a magic cut by the chunk's end. */
  #findMagicEnd(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#magicFill === 0) {
        at = chunk.indexOf(MAGIC_FIRST, at);
        if (at < 0) return -1;
      }
      const byte = chunk[at++];
      if (byte === RESET_MAGIC[this.#magicFill]) this.#magicFill++;
      else this.#magicFill = byte === MAGIC_FIRST ? 1 : 0;
      if (this.#magicFill === RESET_MAGIC.length) {
        this.#magicFill = 0;
        return at;
      }
    }
    return -1;
  }

  #takeFrameBytes(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#isBroken) {
      if (!this.#payload) {
        const part = bytes.subarray(at, at + HEADER_BYTES - this.#headerFill);
        this.#header.set(part, this.#headerFill);
        this.#headerFill += part.length;
        at += part.length;
        if (this.#headerFill === HEADER_BYTES) this.#beginPayload();
      }
      if (this.#payload) {
        const part = bytes.subarray(at, at + this.#payload.length - this.#payloadFill);
        this.#payload.set(part, this.#payloadFill);
        this.#payloadFill += part.length;
        at += part.length;
        if (this.#payloadFill === this.#payload.length) this.#finishFrame(this.#payload);
      }
    }
  }

  #beginPayload(): void {
    const length = new DataView(this.#header.buffer).getUint32(0) - COUNTED_HEADER_BYTES;
    if (length < 0 || length > PAYLOAD_BYTES_MAX) {
      this.#isBroken = true;
      this.#handler.onBroken();
      return;
    }
    this.#payload = new Uint8Array(length);
    this.#payloadFill = 0;
  }

  #finishFrame(payload: Uint8Array): void {
    this.#payload = undefined;
    this.#headerFill = 0;
    const stream = new DataView(this.#header.buffer).getUint32(6);
    this.#handler.onFrame({ type: this.#header[4] ?? 0, flags: this.#header[5] ?? 0, stream, payload });
  }
}
