// Objects that somebody else converts from the version they are stored in to the one they are shown in. That takes a call, so
// it is done when a reader comes who will look at them, for all that he will see at once, and then kept; until then such an
// object must not be looked into. Every way out of a ResourceStore that waits settles what it hands out.

import type { KindDefinition } from "@atoll/api/kind";
import type { ObjectMeta } from "@atoll/api/meta/types";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { assert } from "@atoll/base/errors";
import type { WrappedMessage } from "../protobuf/envelope.ts";
import { createDirectCodec, type DirectCodecOptions, type ObjectCodec, type StoredObject } from "./stored-object.ts";
import { zeroPlanOf } from "./zero-values.ts";

/** As many objects of the wanted version, in the same order. Throws ApiError when they cannot be had. */
export type ConvertObjects = (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>;

class ConvertibleObject implements StoredObject {
  readonly key: string;
  readonly revision: number;
  /** As it is in the store. */
  readonly raw: StoredObject;
  #object: KubeObject | undefined;
  #bytes: Uint8Array | undefined;
  #message: WrappedMessage | undefined;
  /** Set while it is being converted for another reader. */
  settling: Promise<void> | undefined;

  constructor(raw: StoredObject, revision: number, object?: KubeObject) {
    this.key = raw.key;
    this.revision = revision;
    this.raw = raw;
    this.#object = object;
  }

  get isReadable(): boolean {
    return this.raw.isReadable;
  }

  get isSettled(): boolean {
    return this.#object !== undefined;
  }

  settle(object: KubeObject): void {
    this.#object = object;
  }

  get object(): KubeObject {
    // What cannot be read says so itself.
    if (!this.raw.isReadable) return this.raw.object;
    assert(this.#object, `"${this.key}" was looked into before it was converted`);
    return this.#object;
  }

  get metadata(): ObjectMeta {
    return this.object.metadata;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(JSON.stringify(this.object));
    return this.#bytes;
  }

  asMessage(encode: (object: KubeObject) => WrappedMessage): WrappedMessage {
    this.#message ??= encode(this.object);
    return this.#message;
  }

  /** Only others could convert it again. */
  cool(): void {
    this.#message = undefined;
  }
}

/** For kinds with a `storedAs`: its functions say what is done with an object before and after it is converted. */
export function createConvertingCodec(
  kind: KindDefinition,
  convert: ConvertObjects,
  options: Pick<DirectCodecOptions, "cipher" | "readValue">,
): ObjectCodec {
  const { storedAs } = kind;
  assert(storedAs, "Only what is stored as another version is converted");
  const direct = createDirectCodec(storedAs.resource, {
    ...options,
    zeros: zeroPlanOf(storedAs.schema),
    keepsVersion: true,
  });
  const apiVersion = apiVersionOf(kind.resource);
  const shown = (converted: KubeObject): KubeObject => {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = storedAs.fromStored(converted);
    return { kind: kind.resource.kind, apiVersion, ...rest };
  };
  const convertAll = async (objects: readonly ConvertibleObject[]) => {
    const converted = await convert(
      objects.map(({ raw }) => raw.object),
      apiVersion,
    );
    for (const [index, object] of objects.entries()) {
      const result = converted[index];
      if (result) object.settle(shown(stamped(result, object.revision)));
    }
  };
  return {
    prepare: async (object) => {
      const [stored] = await convert([storedAs.toStored(object)], apiVersionOf(storedAs.resource));
      assert(stored, "A conversion gave nothing back");
      return stored;
    },
    encode: (key, object) => direct.encode(key, object),
    decode: (keyValue) => new ConvertibleObject(direct.decode(keyValue), keyValue.modRevision),
    decodeAlways: (keyValue) => new ConvertibleObject(direct.decodeAlways(keyValue), keyValue.modRevision),
    restamp: (stored, revision) => {
      const old = stored as ConvertibleObject; // this codec makes no others
      return new ConvertibleObject(old.raw, revision, old.isSettled ? stamped(old.object, revision) : undefined);
    },
    settle: async (stored) => {
      const all = stored as readonly ConvertibleObject[]; // likewise
      const waiting = all.filter((object) => object.isReadable && !object.isSettled);
      const mine = waiting.filter(({ settling }) => settling === undefined);
      const others = new Set(waiting.map(({ settling }) => settling));
      if (mine.length > 0) {
        const settling = convertAll(mine).finally(() => {
          for (const object of mine) object.settling = undefined;
        });
        for (const object of mine) object.settling = settling;
        await settling;
      }
      await Promise.all(others);
    },
  };
}

function stamped(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
