// Values that an upstream API server has written in its own encoding, protobuf. They are read, and become JSON with the next
// write.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { decodeProtobufBody } from "../protobuf/decode-protobuf.ts";

/** "k8s" and a zero. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Reads a value of any built-in kind, in JSON or in protobuf. Throws for anything else. */
export type ValueReader = (bytes: Buffer) => KubeObject;

/** Whoever can write to the store is trusted to have written an object. */
export const readJsonValue: ValueReader = (bytes) => JSON.parse(bytes.toString()) as KubeObject;

export function valueReader(kinds: readonly KindDefinition[], model: SchemaModel): ValueReader {
  const schemas = new Map(kinds.map(({ resource, schema }) => [`${apiVersionOf(resource)} ${resource.kind}`, schema]));
  return (bytes) => {
    if (bytes.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0) return readJsonValue(bytes);
    const { value } = decodeProtobufBody(bytes, model, (apiVersion, kind) => schemas.get(`${apiVersion} ${kind}`));
    // Decoded by the schema of an object.
    return value as unknown as KubeObject;
  };
}
