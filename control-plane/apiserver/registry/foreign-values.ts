// Values that an upstream API server has written: in protobuf, which becomes JSON with the next write, or in JSON with null in
// fields that are not set, which nobody here expects.

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
    if (bytes.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0) return withoutNulls(readJsonValue(bytes));
    const { value } = decodeProtobufBody(bytes, model, schemaOf);
    const object = value as unknown as KubeObject; // decoded by the schema of an object
    // Protobuf leaves out what is always the same, such as the kind of an embedded object; upstream fills it in as it reads.
    fillers.get(`${object.apiVersion} ${object.kind}`)?.(object);
    return object;
  };
}

/** Built-in kinds have no field that may be null; one whose content is not the server's to change has the name here. */
function withoutNulls(object: KubeObject): KubeObject {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    copy[name] = name === FREE_FORM ? value : dropNulls(value);
  }
  return copy as unknown as KubeObject; // the same fields
}

/** Of ControllerRevisions: an object of any shape. In other kinds it is a map of texts. */
const FREE_FORM = "data";

function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, inside]) => inside !== null);
  return Object.fromEntries(fields.map(([name, inside]) => [name, dropNulls(inside)]));
}
