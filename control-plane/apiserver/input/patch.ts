// PATCH: which of the patch types the body is, and what it makes of an object.

import type { KindDefinition, TypeMismatch } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { ApiError } from "@atoll/machinery/object/api-error";
import { applyJsonPatch } from "@atoll/machinery/object/json-patch";
import { applyMergePatch } from "@atoll/machinery/object/merge-patch";
import { strategicMergeInSteps } from "@atoll/machinery/object/strategic-merge-patch";
import type { ApiRequest } from "../request/request.ts";
import { BODY_BYTES_MAX } from "./body-limits.ts";
import { describeGoConversion, formatGoValue } from "./go-values.ts";
import { UnreadableJson } from "./body-text.ts";
import { contentType, type ParsedBody, parseJson, parseYaml, repetitionsOf } from "./parse-body.ts";
import { describeFirstMismatch, goTypeOf, type ReadOptions } from "./read-object.ts";
import { firstOfStruct } from "./struct-order.ts";

export interface Patch {
  /** The patched object as plain JSON, not yet decoded. The argument is not changed. Pauses between the items of long lists. */
  apply(object: KubeObject, options: ReadOptions): Generator<void, unknown>;
  /** Fields the patch's text holds twice. */
  readonly duplicateFields: readonly string[];
  /** What is shown where the patched object does not fit: what the patch makes of `shown`, or the patch itself. */
  describeValue(shown: KubeObject): string;
  /** Upstream tells of one of them. */
  describeMismatches(mismatches: readonly TypeMismatch[]): string;
}

const JSON_TYPE = "application/json-patch+json";
const STRATEGIC_TYPE = "application/strategic-merge-patch+json";
const APPLY_TYPE = "application/apply-patch+yaml";
const ACCEPTED: readonly string[] = [JSON_TYPE, "application/merge-patch+json", STRATEGIC_TYPE, APPLY_TYPE];

/** Server-side apply is a PATCH by its method alone: what it does is in `registry/apply-object.ts`. */
export function isApplyPatch(request: ApiRequest): boolean {
  return contentType(request) === APPLY_TYPE;
}

/** The object that is applied, as it was sent: what it does not say is not filled in. */
export async function readConfiguration(request: ApiRequest, options: ReadOptions): Promise<Record<string, unknown>> {
  const bytes = await request.body.read(BODY_BYTES_MAX);
  // Most clients send JSON, which YAML includes; read as JSON it is much cheaper.
  const body = bytes[0] === OPENING_BRACE ? await parseJson(bytes) : await parseYaml(bytes);
  const { value } = body;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError("BadRequest", "error decoding YAML: the body must be one object");
  }
  const complaints = repetitionsOf(body);
  if (complaints.length > 0 && options.fieldValidation === "Strict") {
    throw new ApiError("BadRequest", `error strict decoding YAML: ${complaints.join(", ")}`);
  }
  if (options.fieldValidation === "Warn") options.warnings.push(...complaints);
  return value as Record<string, unknown>; // any object can be read by its field names
}

const OPENING_BRACE = "{".charCodeAt(0);

/** Throws 415 for a type of patches that the kind is not patched with; comes before anything else is looked at. */
export function requirePatchType(request: ApiRequest, kind: KindDefinition): string {
  const type = contentType(request);
  const accepted = ACCEPTED.filter((known) => known !== STRATEGIC_TYPE || !isCustom(kind));
  if (accepted.includes(type)) return type;
  throw unsupported(`accepted media types include: ${accepted.join(", ")}`);
}

/** Any but an apply. */
export async function readPatch(request: ApiRequest, model: SchemaModel, kind: KindDefinition): Promise<Patch> {
  const type = requirePatchType(request, kind);
  if (type === APPLY_TYPE) throw unsupported(`${APPLY_TYPE} is not accepted here`);
  const parsed = await parsePatch(await request.body.read(BODY_BYTES_MAX));
  if (parsed instanceof UnreadableJson) return unreadablePatch(parsed, type);
  const { value, duplicateFields } = parsed;
  if (type === JSON_TYPE && value !== null && !Array.isArray(value)) return unreadableList(value);
  if (type === STRATEGIC_TYPE) {
    return {
      apply: (object) => strategicMergeInSteps(model, kind.schema, { ...object }, value),
      duplicateFields,
      describeValue: () => formatGoValue(value),
      describeMismatches(mismatches) {
        const first = firstOfStruct(model, kind.schema, mismatches);
        return first ? describeGoConversion(first) : "";
      },
    };
  }
  const patched = (object: KubeObject) =>
    type === JSON_TYPE ? applyJsonPatch(object, value ?? []) : applyMergePatch(object, value);
  return {
    // biome-ignore lint/correctness/useYield: patches of these types are applied at once.
    *apply(object) {
      return patched(object);
    },
    duplicateFields,
    describeValue: (shown) => JSON.stringify(patched(shown)),
    describeMismatches: describeFirstMismatch,
  };
}

/**
 * Upstream looks at a patch once it has what is to be patched: that there is nothing comes first. A JSON patch is decoded
 * first by the check for fields it does not know, if that is asked for.
 */
function unreadablePatch(cause: UnreadableJson, type: string): Patch {
  const { fault } = cause;
  return {
    // biome-ignore lint/correctness/useYield: there is nothing to apply.
    *apply(_, { fieldValidation }) {
      const isPlain = type === JSON_TYPE && fieldValidation === "Ignore";
      throw new ApiError("BadRequest", isPlain ? fault : `error decoding patch: ${fault}`, { cause });
    },
    duplicateFields: [],
    describeValue: () => "",
    describeMismatches: describeFirstMismatch,
  };
}

/** By the types of upstream's two readers, as it says it. */
function unreadableList(value: unknown): Patch {
  return {
    // biome-ignore lint/correctness/useYield: there is nothing to apply.
    *apply(_, { fieldValidation }) {
      const isPlain = fieldValidation === "Ignore";
      const fault = `json: cannot unmarshal ${goTypeOf(value)} into Go value of type`;
      const type = isPlain ? "jsonpatch.Patch" : "[]handlers.jsonPatchOp";
      throw new ApiError("BadRequest", `${isPlain ? "" : "error decoding patch: "}${fault} ${type}`);
    },
    duplicateFields: [],
    describeValue: () => "",
    describeMismatches: describeFirstMismatch,
  };
}

async function parsePatch(bytes: Uint8Array): Promise<ParsedBody | UnreadableJson> {
  try {
    return await parseJson(bytes);
  } catch (thrown) {
    if (!(thrown instanceof UnreadableJson)) throw thrown;
    return thrown;
  }
}

/** Kinds of other groups than Kubernetes' own have no merge keys, as custom resources have none upstream. */
function isCustom({ decode, resource: { group } }: KindDefinition): boolean {
  return decode !== undefined || (group.includes(".") && !group.endsWith(".k8s.io"));
}

function unsupported(why: string): ApiError {
  return new ApiError("UnsupportedMediaType", `the body of the request was in an unknown format - ${why}`);
}
