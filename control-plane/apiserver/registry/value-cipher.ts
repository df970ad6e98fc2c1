// Encrypts objects before they reach the store, in the form that upstream's "aesgcm" provider has: the name of the key, the
// nonce, the sealed value, the tag. The store's key is bound into the seal: a value copied to another object's place does
// not open. An upstream API server with the same EncryptionConfiguration opens what is sealed here, and the other way.

import { createCipheriv, createDecipheriv } from "node:crypto";
import type { EncryptionConfiguration } from "@atoll/api/config/encryption";
import type { Resource } from "@atoll/api/resource";
import { CodedError } from "@atoll/base/errors";
import type { Random } from "@atoll/base/random";

/** Before every sealed value of whatever provider. */
const SEALED = "k8s:enc:";
const MARK = `${SEALED}aesgcm:v1:`;
/** 96 bits, as GCM wants; random, which is safe for 2^32 values under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Longest name of a key that is looked for in a value. */
const NAME_BYTES_MAX = 256;

export class ValueCipherError extends CodedError<"UnknownKey" | "Damaged" | "NotSealed"> {}

export interface CipherKey {
  readonly name: string;
  /** 16, 24 or 32 bytes. */
  readonly secret: Uint8Array;
}

export interface ValueCipherOptions {
  /** All of them open. Names are unique. */
  readonly keys: readonly CipherKey[];
  /** Undefined: values are stored as they are. */
  readonly sealWith: CipherKey | undefined;
  /** Whether values that are not sealed are taken. */
  readonly opensPlain: boolean;
}

export class ValueCipher {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #options: ValueCipherOptions;
  readonly #random: Random;

  constructor(options: ValueCipherOptions, random: Random) {
    this.#options = options;
    this.#keys = new Map(options.keys.map(({ name, secret }) => [name, secret]));
    this.#random = random;
  }

  seal(storeKey: string, plain: Uint8Array): Uint8Array {
    const { sealWith } = this.#options;
    if (!sealWith) return plain;
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(algorithmFor(sealWith.secret), sealWith.secret, nonce);
    cipher.setAAD(Buffer.from(storeKey));
    const sealed = [cipher.update(plain), cipher.final()];
    return Buffer.concat([Buffer.from(markOf(sealWith)), nonce, ...sealed, cipher.getAuthTag()]);
  }

  open(storeKey: string, value: Uint8Array): Uint8Array {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    if (!startsWith(bytes, SEALED)) {
      if (this.#options.opensPlain) return value;
      throw new ValueCipherError("NotSealed", `The value of "${storeKey}" is not encrypted`);
    }
    const nameEnd = startsWith(bytes, MARK)
      ? bytes.subarray(0, MARK.length + NAME_BYTES_MAX).indexOf(":", MARK.length)
      : -1;
    const name = bytes.toString("utf8", MARK.length, Math.max(MARK.length, nameEnd));
    const secret = this.#keys.get(name);
    if (!secret) throw new ValueCipherError("UnknownKey", `There is no encryption key "${name}"`);
    return openSealed(storeKey, bytes.subarray(nameEnd + 1), secret);
  }

  /** False for a value that would be sealed otherwise if it were written now. */
  isCurrent(value: Uint8Array): boolean {
    const { sealWith } = this.#options;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    return sealWith ? startsWith(bytes, markOf(sealWith)) : !startsWith(bytes, SEALED);
  }
}

/** How each kind's values are kept. */
export interface Encryption {
  /** Undefined: as they are. */
  cipherOf(resource: Pick<Resource, "group" | "plural">): ValueCipher | undefined;
}

export function encryptionOf({ resources }: EncryptionConfiguration, random: Random): Encryption {
  const rules = resources.map(({ resources: names, providers }) => {
    const keysOf = (provider: (typeof providers)[number] | undefined) =>
      provider && "aesgcm" in provider
        ? provider.aesgcm.keys.map(({ name, secret }) => ({ name, secret: Buffer.from(secret, "base64") }))
        : [];
    const cipher = new ValueCipher(
      {
        keys: providers.flatMap(keysOf),
        sealWith: keysOf(providers[0])[0],
        opensPlain: providers.some((provider) => "identity" in provider),
      },
      random,
    );
    return { names, cipher };
  });
  return {
    cipherOf: ({ group, plural }) => {
      const names = [group === "" ? plural : `${plural}.${group}`, `*.${group}`, "*.*"];
      return rules.find((rule) => names.some((name) => rule.names.includes(name)))?.cipher;
    },
  };
}

function openSealed(storeKey: string, sealed: Uint8Array, secret: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv(algorithmFor(secret), secret, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(storeKey)).setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new ValueCipherError("Damaged", `Cannot open the sealed value of "${storeKey}"`, { cause });
  }
}

function algorithmFor(secret: Uint8Array): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" {
  if (secret.length === 16) return "aes-128-gcm";
  return secret.length === 24 ? "aes-192-gcm" : "aes-256-gcm";
}

function markOf({ name }: CipherKey): string {
  return `${MARK}${name}:`;
}

function startsWith(bytes: Buffer, text: string): boolean {
  return bytes.length >= text.length && bytes.toString("utf8", 0, Buffer.byteLength(text)) === text;
}
