// Encrypts Secrets before they reach the store. Each value is sealed with AES-256-GCM under the newest key; the key's id
// stands in front, so that keys can be replaced while old values are still read. The store's key is bound into the seal:
// a value copied to another Secret's place does not open.

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { CodedError } from "@atoll/base/errors";
import type { Random } from "@atoll/base/random";

const MARK = "atoll:sealed:v1:";
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** 96 bits, as GCM wants; random, which is safe for 2^32 values under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_LENGTH = 16;

export class ValueCipherError extends CodedError<"UnknownKey" | "Damaged" | "BadKeyFile"> {}

export class ValueCipher {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #currentId: string;
  readonly #random: Random;

  /** `keys`: 32 bytes each, the one to seal with first. */
  constructor(keys: readonly Uint8Array[], random: Random) {
    const [current] = keys;
    if (!current || keys.some((key) => key.length !== KEY_BYTES)) {
      throw new ValueCipherError("BadKeyFile", `An encryption key has ${KEY_BYTES} bytes`);
    }
    this.#keys = new Map(keys.map((key) => [keyId(key), key]));
    this.#currentId = keyId(current);
    this.#random = random;
  }

  seal(storeKey: string, plain: Uint8Array): Uint8Array {
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key(this.#currentId), nonce);
    cipher.setAAD(Buffer.from(storeKey));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.from(`${MARK}${this.#currentId}:`), nonce, cipher.getAuthTag(), sealed]);
  }

  /** Values that were written without encryption are handed back as they are. */
  open(storeKey: string, value: Uint8Array): Uint8Array {
    const headLength = MARK.length + KEY_ID_LENGTH + 1;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    if (bytes.toString("latin1", 0, MARK.length) !== MARK) return value;
    const id = bytes.toString("latin1", MARK.length, MARK.length + KEY_ID_LENGTH);
    const nonceEnd = headLength + NONCE_BYTES;
    const tagEnd = nonceEnd + TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.#key(id), bytes.subarray(headLength, nonceEnd));
    try {
      decipher.setAAD(Buffer.from(storeKey)).setAuthTag(bytes.subarray(nonceEnd, tagEnd));
      return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]);
    } catch (cause) {
      throw new ValueCipherError("Damaged", `Cannot open the sealed value of "${storeKey}"`, { cause });
    }
  }

  #key(id: string): Uint8Array {
    const key = this.#keys.get(id);
    if (!key) throw new ValueCipherError("UnknownKey", `There is no encryption key "${id}"`);
    return key;
  }
}

function keyId(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, KEY_ID_LENGTH);
}
