// Names and values of SYN_STREAM and SYN_REPLY. All header blocks of one direction are one zlib stream, so each must be read,
// in order, also where its stream is refused.
//
// We write ours as stored (uncompressed) blocks of that stream: a valid zlib stream that needs no state and no waiting, and
// our answers have next to no headers. Reading takes zlib's own inflater.

import { constants, createInflate, type Inflate } from "node:zlib";
import { toError } from "../../errors.ts";
import { SPDY_DICTIONARY, SPDY_DICTIONARY_ADLER32 } from "./dictionary.ts";
import { SpdyError } from "./frame.ts";

/** Headers of one stream once unpacked; a small block may unpack to a thousand times its size. */
export const HEADER_BYTES_MAX = 65_536;

/** Longest run a stored block can hold (RFC 1951, section 3.2.4). */
const STORED_BYTES_MAX = 65_535;

/** Lower-case names. */
export type SpdyHeaders = Readonly<Record<string, string>>;

export class HeaderBlockWriter {
  #started = false;

  encode(headers: SpdyHeaders): Buffer {
    const plain = encodePairs(headers);
    const parts: Buffer[] = [];
    if (!this.#started) {
      // CMF 0x78, FLG 0x20 (a dictionary follows) with the check bits that make the pair a multiple of 31 (RFC 1950).
      const start = Buffer.from([0x78, 0x20 + (31 - (0x7820 % 31)), 0, 0, 0, 0]);
      start.writeUInt32BE(SPDY_DICTIONARY_ADLER32, 2);
      parts.push(start);
      this.#started = true;
    }
    for (let offset = 0; offset < plain.length; offset += STORED_BYTES_MAX) {
      const run = plain.subarray(offset, offset + STORED_BYTES_MAX);
      const blockHeader = Buffer.alloc(5);
      blockHeader.writeUInt16LE(run.length, 1);
      blockHeader.writeUInt16LE(~run.length & 0xffff, 3);
      parts.push(blockHeader, run);
    }
    // An empty stored block, as a sync flush writes it: Go's inflater gives nothing out before it has seen one.
    parts.push(Buffer.from([0, 0, 0, 0xff, 0xff]));
    return Buffer.concat(parts);
  }
}

export class HeaderBlockReader implements Disposable {
  readonly #inflate: Inflate;
  #plain: Buffer[] = [];
  #plainBytes = 0;
  #failure: Error | undefined;

  constructor() {
    this.#inflate = createInflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH });
    this.#inflate.on("data", (chunk: Buffer) => {
      this.#plainBytes += chunk.length;
      if (this.#plainBytes <= HEADER_BYTES_MAX) this.#plain.push(chunk);
    });
    this.#inflate.on("error", (error) => {
      this.#failure = error;
    });
  }

  async decode(block: Uint8Array): Promise<SpdyHeaders> {
    this.#plain = [];
    this.#plainBytes = 0;
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(new SpdyError("BrokenHeaders", "Read a header block", { cause: toError(error) }));
      if (this.#failure) return fail(this.#failure);
      this.#inflate.once("close", () => fail(this.#failure ?? new Error("Closed")));
      this.#inflate.write(block, (error) => (error ? fail(error) : resolve()));
    });
    this.#inflate.removeAllListeners("close");
    if (this.#plainBytes > HEADER_BYTES_MAX) {
      throw new SpdyError("BrokenHeaders", `Headers of ${this.#plainBytes} bytes are too large`);
    }
    return decodePairs(Buffer.concat(this.#plain));
  }

  [Symbol.dispose](): void {
    this.#inflate.destroy();
  }
}

function encodePairs(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers);
  const text = (value: string): Buffer[] => {
    const bytes = Buffer.from(value, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length, 0);
    return [length, bytes];
  };
  const count = Buffer.alloc(4);
  count.writeUInt32BE(entries.length, 0);
  return Buffer.concat([count, ...entries.flatMap(([name, value]) => [...text(name.toLowerCase()), ...text(value)])]);
}

function decodePairs(plain: Buffer): SpdyHeaders {
  let offset = 0;
  const number = (): number => {
    if (plain.length < offset + 4) throw new SpdyError("BrokenHeaders", "A header block ends too early");
    offset += 4;
    return plain.readUInt32BE(offset - 4);
  };
  const text = (): string => {
    const length = number();
    if (plain.length < offset + length) throw new SpdyError("BrokenHeaders", "A header block ends too early");
    offset += length;
    return plain.toString("utf8", offset - length, offset);
  };
  const headers: Record<string, string> = Object.create(null);
  const count = number();
  for (let index = 0; index < count; index++) headers[text().toLowerCase()] = text();
  return headers;
}
