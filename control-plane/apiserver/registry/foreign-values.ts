// Values that an upstream API server has written: in protobuf, which becomes JSON with the next write, or in JSON with null in
// fields that are not set, which nobody here expects.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { dropNulls } from "@atoll/machinery/object/drop-nulls";
import { decodeProtobufBody } from "../protobuf/decode-protobuf.ts";
import { showZeros, zeroPlanOf } from "./zero-values.ts";

/** "k8s" and a zero. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Reads a value of any built-in kind, in JSON or in protobuf. Throws for anything else. */
export type ValueReader = (bytes: Buffer) => KubeObject;

/** Whoever can write to the store is trusted to have written an object. */
export const readJsonValue: ValueReader = (bytes) => JSON.parse(bytes.toString()) as KubeObject;

export function valueReader(kinds: readonly KindDefinition[], model: SchemaModel): ValueReader {
  const fillers = new Map(
    kinds.map((kind) => [`${apiVersionOf(kind.resource)} ${kind.resource.kind}`, kind.applyDefaults]),
  );
  const schemas = new Map<string, string>();
  for (const { resource, schema } of kinds) {
    schemas.set(`${apiVersionOf(resource)} ${resource.kind}`, schema);
    // Upstream keeps some kinds in a version that nobody serves here; fields that both have keep their numbers.
    const anyVersion = `${resource.group} ${resource.kind}`;
    if (!schemas.has(anyVersion)) schemas.set(anyVersion, schema);
  }
  const schemaOf = (apiVersion: string, kind: string) =>
    schemas.get(`${apiVersion} ${kind}`) ??
    schemas.get(`${apiVersion.slice(0, Math.max(0, apiVersion.indexOf("/")))} ${kind}`);
  return (bytes) => {
    if (bytes.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0) return dropNulls(readJsonValue(bytes));
    const { value } = decodeProtobufBody(bytes, model, schemaOf);
    const object = value as unknown as KubeObject; // decoded by the schema of an object
    // Protobuf leaves out what is always the same, such as the kind of an embedded object; upstream fills it in as it reads.
    fillers.get(`${object.apiVersion} ${object.kind}`)?.(object);
    showZeros(zeroPlanOf(schemaOf(object.apiVersion ?? "", object.kind ?? "") ?? ""), object);
    return object;
  };
}
