// One version of one object, in the two forms everything else needs: the JSON bytes that are sent to every reader, made
// once, and the parsed object, made only when somebody looks inside.
//
// The store's value has no resourceVersion, for it is the revision the store gives the write. It is put in by splicing
// bytes: our own encoder always starts an object the same way, so nothing has to be parsed to make an answer.

import type { KindDefinition } from "@atoll/api/kind";
import type { ObjectMeta } from "@atoll/api/meta/types";
import { apiVersionOf, type KubeObject, type Resource } from "@atoll/api/resource";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { WrappedMessage } from "../protobuf/envelope.ts";
import { readJsonValue, type ValueReader } from "./foreign-values.ts";
import { parseMetadata } from "./metadata-bytes.ts";
import type { ValueCipher } from "./value-cipher.ts";
import { showZeros, withNulls, withoutNulls, type ZeroPlan, zeroPlanOf } from "./zero-values.ts";

export interface StoredObject<T extends KubeObject = KubeObject> {
  readonly key: string;
  readonly revision: number;
  /** JSON with kind, apiVersion and resourceVersion; shared by all readers, never changed. */
  readonly bytes: Uint8Array;
  /** Parsed from the bytes at the first look and kept. Shared: never change it, copy first. */
  readonly object: T;
  /** For readers of nothing else: parsed each time where the whole object is not there, and not kept. */
  readonly metadata: ObjectMeta;
  /** False: a damaged value, whose bytes and object throw. */
  readonly isReadable: boolean;
  /** The object as protobuf: made by `encode` for the first reader that wants it, then shared like the bytes. */
  asMessage(encode: (object: T) => WrappedMessage): WrappedMessage;
  /** Forgets all that was made of the bytes: parsed, an object is many times as large. It is made again when somebody looks. */
  cool(): void;
}

export interface ObjectCodec {
  /** The value to store: no resourceVersion, sealed where the kind is secret. */
  encode(key: string, object: KubeObject): Uint8Array;
  decode(keyValue: { readonly key: string; readonly value: Uint8Array; readonly modRevision: number }): StoredObject;
  /** As `decode`, but what cannot be decoded becomes an object that throws when it is looked at. */
  decodeAlways(keyValue: Parameters<ObjectCodec["decode"]>[0]): StoredObject;
  /** The same object as of another revision: what a DELETED event shows. */
  restamp(stored: StoredObject, revision: number): StoredObject;
  /** Where others convert: what `encode` takes in place of the object. */
  readonly prepare?: (object: KubeObject) => Promise<KubeObject>;
  /** Where others convert: makes objects ready to be looked into. Throws ApiError. */
  readonly settle?: (stored: readonly StoredObject[]) => Promise<void>;
}

class SplicedObject implements StoredObject {
  readonly isReadable = true;
  readonly key: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly #zeros: ZeroPlan;
  #object: KubeObject | undefined;
  #message: WrappedMessage | undefined;

  constructor(zeros: ZeroPlan, made: Pick<StoredObject, "key" | "revision" | "bytes">, object?: KubeObject) {
    this.#zeros = zeros;
    this.key = made.key;
    this.revision = made.revision;
    this.bytes = made.bytes;
    this.#object = object;
  }

  get object(): KubeObject {
    if (this.#object) return this.#object;
    const parsed = JSON.parse(asBuffer(this.bytes).toString()) as KubeObject; // we encoded it ourselves from a checked object
    this.#object = withoutNulls(this.#zeros, parsed);
    return this.#object;
  }

  get metadata(): ObjectMeta {
    return this.#object ? this.#object.metadata : parseMetadata(asBuffer(this.bytes));
  }

  asMessage(encode: (object: KubeObject) => WrappedMessage): WrappedMessage {
    this.#message ??= encode(this.object);
    return this.#message;
  }

  cool(): void {
    this.#object = undefined;
    this.#message = undefined;
  }
}

/** One damaged value must not take the whole kind away: it fails whoever reads it, and can still be deleted from the store. */
class UnreadableObject implements StoredObject {
  readonly isReadable = false;
  readonly key: string;
  readonly revision: number;
  readonly #cause: unknown;

  constructor(key: string, revision: number, cause: unknown) {
    this.key = key;
    this.revision = revision;
    this.#cause = cause;
  }

  get bytes(): never {
    throw this.#error();
  }

  get object(): never {
    throw this.#error();
  }

  get metadata(): never {
    throw this.#error();
  }

  asMessage(): never {
    throw this.#error();
  }

  cool(): void {}

  #error(): ApiError {
    return new ApiError("InternalError", `The stored object "${this.key}" cannot be read`, { cause: this.#cause });
  }
}

/** An object that is stored as another version: made from that one at the first look, bytes and all. */
class ConvertedObject implements StoredObject {
  readonly #stored: StoredObject;
  readonly #form: ShownForm;
  #object: KubeObject | undefined;
  #bytes: Uint8Array | undefined;
  #message: WrappedMessage | undefined;

  constructor(stored: StoredObject, form: ShownForm) {
    this.#stored = stored;
    this.#form = form;
  }

  get key(): string {
    return this.#stored.key;
  }

  get revision(): number {
    return this.#stored.revision;
  }

  get isReadable(): boolean {
    return this.#stored.isReadable;
  }

  get object(): KubeObject {
    this.#object ??= this.#form.convert(this.#stored.object);
    return this.#object;
  }

  get metadata(): ObjectMeta {
    return this.object.metadata;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= jsonOf(this.#form.zeros, this.object);
    return this.#bytes;
  }

  asMessage(encode: (object: KubeObject) => WrappedMessage): WrappedMessage {
    this.#message ??= encode(this.object);
    return this.#message;
  }

  cool(): void {
    this.#stored.cool();
    this.#object = undefined;
    this.#bytes = undefined;
    this.#message = undefined;
  }
}

/** What is shown of objects that are stored as another version. */
interface ShownForm {
  readonly zeros: ZeroPlan;
  readonly convert: (stored: KubeObject) => KubeObject;
}

/** `cipher` undefined: values are stored as they are. */
export function createObjectCodec(
  kind: KindDefinition,
  cipher: ValueCipher | undefined,
  readValue: ValueReader = readJsonValue,
): ObjectCodec {
  const zeros = zeroPlanOf(kind.schema);
  const { storedAs } = kind;
  if (!storedAs) return createDirectCodec(kind.resource, { cipher, readValue, zeros });
  const storedZeros = zeroPlanOf(storedAs.schema);
  const direct = createDirectCodec(storedAs.resource, { cipher, readValue, zeros: storedZeros });
  const names = { kind: kind.resource.kind, apiVersion: apiVersionOf(kind.resource) };
  const convert = (stored: KubeObject): KubeObject => {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = storedAs.fromStored(stored);
    const object = { ...names, ...rest };
    showZeros(zeros, object);
    return object;
  };
  const converted = (stored: StoredObject) => new ConvertedObject(stored, { zeros, convert });
  return {
    encode(key, object) {
      const stored = storedAs.toStored(object);
      showZeros(storedZeros, stored);
      return direct.encode(key, stored);
    },
    decode: (keyValue) => converted(direct.decode(keyValue)),
    decodeAlways: (keyValue) => converted(direct.decodeAlways(keyValue)),
    restamp: (stored, revision) => direct.restamp(stored, revision),
  };
}

export interface DirectCodecOptions {
  /** Undefined: values are stored as they are. */
  readonly cipher: ValueCipher | undefined;
  readonly readValue?: ValueReader | undefined;
  /** Of the version that is stored. */
  readonly zeros: ZeroPlan;
  /** What was written as another version stays that; else all versions are taken for the same. */
  readonly keepsVersion?: boolean;
}

export function createDirectCodec(
  resource: Resource,
  { cipher, readValue = readJsonValue, zeros, keepsVersion = false }: DirectCodecOptions,
): ObjectCodec {
  const apiVersion = apiVersionOf(resource);
  const head = Buffer.from(
    `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":{`,
  );

  const splice = (key: string, revision: number, plain: Uint8Array): StoredObject => {
    const bytes = asBuffer(plain);
    const startsAsOurs = bytes.length > head.length + 1 && bytes.compare(head, 0, head.length, 0, head.length) === 0;
    // Upstream starts its values in the same way, but ends them with a line feed.
    const endsAsOurs = bytes[bytes.length - 1] === CLOSING_BRACE;
    if (!startsAsOurs || !endsAsOurs || bytes[head.length] === CLOSING_BRACE) return reencode(key, revision, bytes);
    return stampBehindHead(key, revision, bytes, head.length);
  };

  /** The object whose bytes go on at `rest` behind the version. */
  const stampBehindHead = (key: string, revision: number, bytes: Buffer, rest: number): StoredObject => {
    const stamp = `"resourceVersion":"${revision}",`;
    const whole = Buffer.allocUnsafeSlow(head.length + stamp.length + bytes.length - rest);
    bytes.copy(whole, 0, 0, head.length);
    whole.write(stamp, head.length, "latin1");
    bytes.copy(whole, head.length + stamp.length, rest);
    return new SplicedObject(zeros, { key, revision, bytes: whole });
  };

  // Somebody else's layout (upstream's, another version of ours): correct, only slower.
  const reencode = (key: string, revision: number, bytes: Buffer): StoredObject => {
    const { kind: _kind, apiVersion: writtenVersion, metadata, ...rest } = readValue(bytes);
    const object = {
      kind: resource.kind,
      apiVersion: keepsVersion ? (writtenVersion ?? apiVersion) : apiVersion,
      metadata: { ...metadata, resourceVersion: String(revision) },
      ...rest,
    };
    return new SplicedObject(zeros, { key, revision, bytes: jsonOf(zeros, object) }, object);
  };

  const decode: ObjectCodec["decode"] = ({ key, value, modRevision }) =>
    splice(key, modRevision, cipher ? cipher.open(key, value) : value);

  return {
    decode,
    decodeAlways(keyValue) {
      try {
        return decode(keyValue);
      } catch (error) {
        return new UnreadableObject(keyValue.key, keyValue.modRevision, error);
      }
    },
    encode(key, object) {
      const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = withNulls(zeros, object);
      const { resourceVersion: _resourceVersion, selfLink: _selfLink, ...storedMetadata } = metadata;
      const text = JSON.stringify({ kind: resource.kind, apiVersion, metadata: storedMetadata, ...rest });
      const plain = Buffer.from(text);
      return cipher ? cipher.seal(key, plain) : plain;
    },
    restamp(stored, revision) {
      const bytes = asBuffer(stored.bytes);
      const oldStamp = `"resourceVersion":"${stored.revision}",`;
      if (bytes.toString("latin1", head.length, head.length + oldStamp.length) === oldStamp) {
        return stampBehindHead(stored.key, revision, bytes, head.length + oldStamp.length);
      }
      const object = { ...stored.object, metadata: { ...stored.object.metadata, resourceVersion: String(revision) } };
      return new SplicedObject(zeros, { key: stored.key, revision, bytes: jsonOf(zeros, object) }, object);
    },
  };
}

function jsonOf(zeros: ZeroPlan, object: KubeObject): Buffer {
  return Buffer.from(JSON.stringify(withNulls(zeros, object)));
}

const CLOSING_BRACE = "}".charCodeAt(0);

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
