// Objects within a custom resource are what objects are anywhere: their type is text, and of their metadata only what metadata
// may say is kept.

import type { TypeMismatch } from "@atoll/api/kind";
import { canonicalText } from "@atoll/api/meta/repeats";
import { isRecord } from "@atoll/base/is-record";
import type { DecodeResult } from "../decoding/decode-object.ts";
import { fieldPath, schemaOfField, type StructuralSchema } from "./structural-schema.ts";

export interface EmbeddedFaults {
  readonly errors: readonly TypeMismatch[];
  /** Paths of what was taken out because no metadata has such a field. */
  readonly unknownFields: readonly string[];
}

/** Reads the type and the metadata of every object within `value`, in place. */
export function readEmbedded(
  value: unknown,
  schema: StructuralSchema,
  readMetadata: (metadata: unknown) => DecodeResult,
): EmbeddedFaults {
  const errors: TypeMismatch[] = [];
  const unknownFields: string[] = [];
  const refuse = (path: string, sent: unknown, { why, wantedType }: { why: string; wantedType: string }) => {
    const message = `${path}: Invalid value: ${canonicalText(sent)}: ${why}`;
    errors.push({ type: "FieldValueTypeInvalid", field: path, message, sent, wantedType });
  };
  const readObject = (object: Record<string, unknown>, path: string) => {
    for (const field of ["apiVersion", "kind"]) {
      const isText = !Object.hasOwn(object, field) || typeof object[field] === "string";
      if (!isText) refuse(fieldPath(path, field), object[field], { why: "must be a string", wantedType: "string" });
    }
    if (!Object.hasOwn(object, "metadata")) return;
    const place = fieldPath(path, "metadata");
    const read = readMetadata(object.metadata ?? {});
    for (const { message, wantedType } of read.errors) refuse(place, object.metadata, { why: message, wantedType });
    unknownFields.push(...read.unknownFields.map((field) => `${place}.${field}`));
    object.metadata = read.object;
  };
  const readIn = (part: unknown, place: StructuralSchema | undefined, path: string): void => {
    if (!place) return;
    if (Array.isArray(part)) {
      for (const [index, item] of part.entries()) readIn(item, place.items, `${path}[${index}]`);
    }
    if (!isRecord(part)) return;
    if (place["x-kubernetes-embedded-resource"] === true) readObject(part, path);
    for (const [field, item] of Object.entries(part)) readIn(item, schemaOfField(place, field), fieldPath(path, field));
  };
  readIn(value, schema, "");
  return { errors, unknownFields: unknownFields.sort() };
}

/** Whether there can be any object within: most schemas have none, and their values need no look. */
export function canEmbed(schema: StructuralSchema): boolean {
  const { properties = {}, items, additionalProperties } = schema;
  if (schema["x-kubernetes-embedded-resource"] === true) return true;
  return [...Object.values(properties), items, additionalProperties].some(
    (part) => typeof part === "object" && canEmbed(part),
  );
}
