// The way from `kubectl apply` to `kubectl apply --server-side`: the annotation that the one keeps says which fields it set,
// so the other may take those over without a quarrel; and it is kept up to date, so that one can go back.

import { collectFields } from "./collect-fields.ts";
import { compareTyped } from "./compare-typed.ts";
import { differenceOf, type FieldSet } from "./field-set.ts";
import type { JsonObject } from "./ownership.ts";
import type { Shape } from "./shape.ts";
import { TypedValueError } from "./typed-error.ts";

/** The only manager for whom all this is done: kubectl's name unless the user gives another one. */
export const KUBECTL = "kubectl";

const ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

/** All annotations of an object together may have this many bytes. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024;

const ENCODER = new TextEncoder();

/** Fields that the annotation says and that are still as it says; undefined where there is no annotation to go by. */
export function fieldsOfLastApplied(shape: Shape, live: JsonObject, apiVersion: string): FieldSet | undefined {
  const text = annotationsOf(live)?.[ANNOTATION];
  if (text === undefined || text === "") return undefined;
  try {
    const last: unknown = JSON.parse(text);
    if (typeof last !== "object" || last === null || !("apiVersion" in last)) return undefined;
    if (last.apiVersion !== apiVersion) return undefined;
    const { modified, added, removed } = compareTyped(shape, last, live);
    return differenceOf(differenceOf(differenceOf(collectFields(shape, last), modified), added), removed);
  } catch (error) {
    // Whatever a client left there: it proves nothing, so the conflict stands.
    if (error instanceof SyntaxError || error instanceof TypedValueError) return undefined;
    throw error;
  }
}

/** The object with its annotation brought up to date, where it has one. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  if (!annotations?.[ANNOTATION]) return object;
  const { [ANNOTATION]: _old, ...others } = annotations;
  const text = `${JSON.stringify(sortKeys(withoutAnnotation(applied)))}\n`;
  const isTooLong = bytesOf({ ...others, [ANNOTATION]: text }) > ANNOTATIONS_BYTES_MAX;
  const metadata = {
    ...(object.metadata as JsonObject),
    annotations: isTooLong ? others : { ...others, [ANNOTATION]: text },
  }; // it has annotations
  return { ...object, metadata };
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const annotations = annotationsOf(applied);
  if (!annotations) return applied;
  const { [ANNOTATION]: _own, ...others } = annotations;
  return { ...applied, metadata: { ...(applied.metadata as JsonObject), annotations: others } }; // it has annotations
}

function annotationsOf({ metadata }: JsonObject): Record<string, string> | undefined {
  if (typeof metadata !== "object" || metadata === null || !("annotations" in metadata)) return undefined;
  const { annotations } = metadata;
  if (typeof annotations !== "object" || annotations === null) return undefined;
  return annotations as Record<string, string>; // the schema has been checked
}

function bytesOf(annotations: Record<string, string>): number {
  return Object.entries(annotations).reduce(
    (sum, [name, value]) => sum + ENCODER.encode(name).length + ENCODER.encode(value).length,
    0,
  );
}

/** Go writes maps in order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const sorted = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, item]) => [name, sortKeys(item)]));
}
