// Protobuf's wire format: tags, and the three kinds of values Kubernetes' messages have.

import { ApiError } from "@atoll/machinery/object/api-error";

export type WireValue =
  /** A bigint where it has more than 28 bits: most are small, and there are many. */
  | { readonly type: "varint"; readonly value: number | bigint }
  | { readonly type: "fixed64"; readonly value: number }
  | { readonly type: "bytes"; readonly value: Uint8Array };

export interface WireField {
  readonly number: number;
  readonly value: WireValue;
}

const VARINT_BYTES_MAX = 10;
const SMALL_VARINT_BYTES = 4;

/** All fields of a message in the order they stand there. Throws BadRequest for what is no message. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let position = 0;
  const readVarint = (): number | bigint => {
    let small = 0;
    for (let count = 0; count < SMALL_VARINT_BYTES; count++) {
      const byte = bytes[position++];
      if (byte === undefined) throw malformed();
      small |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return small;
    }
    let value = BigInt(small);
    for (let count = SMALL_VARINT_BYTES; count < VARINT_BYTES_MAX; count++) {
      const byte = bytes[position++];
      if (byte === undefined) throw malformed();
      value |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return value;
    }
    throw malformed();
  };
  const take = (length: number): number => {
    const start = position;
    if (length > bytes.length - start) throw malformed();
    position += length;
    return start;
  };
  while (position < bytes.length) {
    const tag = Number(readVarint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: { type: "varint", value: readVarint() } };
        break;
      case 1:
        yield { number, value: { type: "fixed64", value: view.getFloat64(take(8), true) } };
        break;
      case 2: {
        const length = Number(readVarint());
        const start = take(length);
        yield { number, value: { type: "bytes", value: bytes.subarray(start, start + length) } };
        break;
      }
      default:
        throw malformed();
    }
  }
}

export function malformed(cause?: unknown): ApiError {
  return new ApiError("BadRequest", "the body is not a protobuf message of this API", { cause });
}
