// What stands around a message: the four bytes that every body starts with, the envelope that says its kind, lists of
// messages, and the frames of a watch.

import { VARINT, WireWriter } from "./wire-writer.ts";

export const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";

/** Every body starts so; then follows the envelope. */
export const MAGIC = Uint8Array.from([0x6b, 0x38, 0x73, 0x00]);

export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** One object as a whole body, and as a list has it. */
export interface WrappedMessage {
  readonly body: Uint8Array;
  /** Part of the body: the object's own message. */
  readonly message: Uint8Array;
}

export interface ListFields {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Content encoding and content type of the envelope: empty, always written. */
const TAIL = Uint8Array.from([0x1a, 0x00, 0x22, 0x00]);

const NOTHING = new Uint8Array(0);

const shared = new WireWriter();

/** The end of a body, to be written first. */
export function beginBody(writer: WireWriter): void {
  writer.bytes(TAIL);
}

/** All that comes before the message, which must have been written. */
export function endBody(writer: WireWriter, { apiVersion, kind }: TypeMeta): void {
  writer.close(2, TAIL.length);
  const before = writer.length;
  writer.textField(2, kind);
  writer.textField(1, apiVersion);
  writer.close(1, before);
  writer.bytes(MAGIC);
}

/** The body that was just taken out of a writer, with the message in it. */
export function wrapped(body: Uint8Array, messageLength: number): WrappedMessage {
  const end = body.length - TAIL.length;
  return { body, message: body.subarray(end - messageLength, end) };
}

/** A list's body: the items' messages as they are, with their metadata before them. */
export function wrapList(type: TypeMeta, fields: ListFields, items: readonly Uint8Array[]): Uint8Array {
  beginBody(shared);
  for (let index = items.length - 1; index >= 0; index--) {
    const before = shared.length;
    shared.bytes(items[index] ?? NOTHING);
    shared.close(2, before);
  }
  writeListMetadata(shared, fields);
  endBody(shared, type);
  return shared.take();
}

/** One event of a watch: the frame's length in four bytes, then the event with a whole body in it. */
export function watchFrame(eventType: string, body: Uint8Array): Uint8Array {
  shared.bytes(body);
  shared.close(1, 0);
  shared.close(2, 0);
  shared.textField(1, eventType);
  const event = shared.take();
  const frame = Buffer.allocUnsafeSlow(4 + event.length);
  frame.writeUInt32BE(event.length, 0);
  event.copy(frame, 4);
  return frame;
}

function writeListMetadata(writer: WireWriter, fields: ListFields): void {
  const before = writer.length;
  if (fields.remainingItemCount !== undefined) {
    writer.varint(fields.remainingItemCount);
    writer.tag(4, VARINT);
  }
  writer.textField(3, fields.continue ?? "");
  writer.textField(2, fields.resourceVersion);
  writer.textField(1, "");
  writer.close(1, before);
}
