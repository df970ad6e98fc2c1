// What is being written is needed twice: for the answer to whoever writes it, and in the cache that is told of it in the same
// moment. Both get the same object, so that it is opened and stamped once.

import type { ObjectCodec, StoredObject } from "./stored-object.ts";

type KeyValue = Parameters<ObjectCodec["decode"]>[0];

/** As many as are written in one turn of the event loop; what is larger would be much to keep where the event has bytes of its own. */
const FRESH_MAX = 64;
const FRESH_BYTES_MAX = 16_384;

const NOT_DECODED = Symbol("not decoded");

export class FreshObjects {
  /** By the very bytes that are handed to the store, which it hands on in its event. */
  readonly #fresh = new Map<Uint8Array, StoredObject | typeof NOT_DECODED>();

  /** These bytes will be decoded twice, if they come to be stored. */
  expect(value: Uint8Array): void {
    if (value.length > FRESH_BYTES_MAX) return;
    // A cache that lists anew is never told of single writes: the oldest of them make room.
    if (this.#fresh.size >= FRESH_MAX) for (const oldest of this.#fresh.keys()) if (this.#fresh.delete(oldest)) break;
    this.#fresh.set(value, NOT_DECODED);
  }

  /** They did not. */
  forget(value: Uint8Array): void {
    this.#fresh.delete(value);
  }

  decode(keyValue: KeyValue, decode: ObjectCodec["decode"]): StoredObject {
    const { key, value, modRevision } = keyValue;
    const known = this.#fresh.get(value);
    if (known === undefined) return decode(keyValue);
    if (known === NOT_DECODED) {
      const decoded = decode(keyValue);
      this.#fresh.set(value, decoded);
      return decoded;
    }
    this.#fresh.delete(value);
    return known.key === key && known.revision === modRevision ? known : decode(keyValue);
  }
}
