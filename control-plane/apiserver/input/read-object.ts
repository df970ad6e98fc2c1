// Turns a parsed body into an object of the kind that the URL names: right apiVersion and kind, right types, and unknown
// fields dropped, reported or refused as the request asks with ?fieldValidation=.

import type { TypeMismatch } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { doAtOnce } from "@atoll/base/steps";
import { ApiError } from "@atoll/machinery/object/api-error";
import { READ_THEMSELVES } from "@atoll/machinery/object/decoding/go-messages";
import { decodeInSteps } from "@atoll/machinery/object/decoding/decode-object";
import type { BodyKind } from "./body-kind.ts";
import { describeUnrecognized, PARSE_ERROR } from "./body-text.ts";
import { type ParsedBody, repetitionsOf } from "./parse-body.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** Why a value is no object of the kind. */
export type Misfit =
  /** It is no object, or does not say which. */
  | { readonly type: "unreadable"; readonly fault: string; readonly start: Uint8Array }
  | { readonly type: "mismatch"; readonly mismatches: readonly TypeMismatch[] }
  /** Fields that the kind does not have or that stand there twice, for readers who are strict about it. */
  | { readonly type: "strict"; readonly complaints: readonly string[] };

export interface ReadOptions {
  readonly fieldValidation: FieldValidation;
  readonly warnings: string[];
}

export function readObject(
  model: SchemaModel,
  expected: BodyKind,
  body: ParsedBody | undefined,
  options: ReadOptions,
): KubeObject {
  return doAtOnce(readObjectInSteps(model, expected, body, options));
}

/** Pauses between the items of long lists. */
export function readObjectInSteps(
  model: SchemaModel,
  expected: BodyKind,
  body: ParsedBody | undefined,
  options: ReadOptions,
): Generator<void, KubeObject> {
  const refuse = (misfit: Misfit) => new ApiError("BadRequest", describeRefusal(expected, misfit));
  return readAs(model, expected, body, options, refuse);
}

function describeRefusal(expected: BodyKind, misfit: Misfit): string {
  if (expected.isOptions) return describeMisfit(misfit);
  if (misfit.type === "unreadable") return describeUnrecognized(expected.kind, misfit.fault, misfit.start);
  return `${cannotBeHandled(expected)}: ${describeMisfit(misfit)}`;
}

export function describeMisfit(misfit: Misfit): string {
  if (misfit.type === "mismatch") return describeFirstMismatch(misfit.mismatches);
  if (misfit.type === "unreadable") return misfit.fault;
  return `strict decoding error: ${misfit.complaints.join(", ")}`;
}

/** As upstream, whose decoder goes on and remembers the first alone, but stops at what reads itself. */
export function describeFirstMismatch(mismatches: readonly TypeMismatch[]): string {
  const told = mismatches.find(({ wantedType }) => READ_THEMSELVES.has(wantedType)) ?? mismatches[0];
  return told?.message ?? "";
}

/** `refuse` words what is wrong. */
export function* readAs(
  model: SchemaModel,
  expected: BodyKind,
  body: ParsedBody | undefined,
  options: ReadOptions,
  refuse: (misfit: Misfit) => ApiError,
): Generator<void, KubeObject> {
  const unreadable = (fault: string) => refuse({ type: "unreadable", fault, start: body?.start ?? NOTHING });
  const whole = withKind(expected, objectIn(expected, body, unreadable), unreadable);
  const { typed, managedFields } = withoutManagedFields(whole);
  const { object, errors, unknownFields } =
    expected.decode?.(typed) ?? (yield* decodeInSteps(model, expected.schema, typed));
  if (errors.length > 0) throw refuse({ type: "mismatch", mismatches: errors });
  const complaints = [
    ...unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`),
    ...(body ? repetitionsOf(body) : []),
  ];
  if (complaints.length > 0 && options.fieldValidation === "Strict") throw refuse({ type: "strict", complaints });
  if (options.fieldValidation === "Warn") options.warnings.push(...complaints);
  const decoded = object as unknown as KubeObject; // the schema of every served kind has metadata of this shape
  decoded.metadata ??= {};
  if (managedFields) decoded.metadata.managedFields = managedFields;
  return decoded;
}

/**
 * Most clients send the list of field managers back as they got it, often half of the body. Who needs it reads it
 * (`registry/field-managers.ts`) and believes none of it; the schema would copy all of it first.
 */
function withoutManagedFields(value: Record<string, unknown>): {
  readonly typed: Record<string, unknown>;
  readonly managedFields: unknown[] | undefined;
} {
  const { metadata } = value;
  if (typeof metadata !== "object" || metadata === null || !("managedFields" in metadata)) {
    return { typed: value, managedFields: undefined };
  }
  const { managedFields, ...rest } = metadata;
  // Anything but a list is refused by the schema.
  if (!Array.isArray(managedFields)) return { typed: value, managedFields: undefined };
  return { typed: { ...value, metadata: rest }, managedFields };
}

const NOTHING = new Uint8Array();
/** By the type of upstream's program that looks for what an object is. */
const KIND_FINDER =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function objectIn(
  expected: BodyKind,
  body: ParsedBody | undefined,
  unreadable: (fault: string) => ApiError,
): Record<string, unknown> {
  if (body === undefined) throw unreadable(`${PARSE_ERROR}unexpected end of JSON input`);
  const { value } = body;
  // A kind that the server itself knows is filled in; a custom resource must say its own.
  const isFilledIn = expected.decode === undefined;
  if (value === null && isFilledIn) return {};
  if (typeof value === "object" && !Array.isArray(value)) {
    if (value !== null && (isFilledIn || ("kind" in value && value.kind))) return value as Record<string, unknown>; // any object can be read by its field names
    throw unreadable(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  }
  throw unreadable(`${PARSE_ERROR}json: cannot unmarshal ${goTypeOf(value)} into Go value of type ${KIND_FINDER}`);
}

/** As Go's reader of JSON calls what it found. */
export function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function withKind(
  expected: BodyKind,
  value: Record<string, unknown>,
  unreadable: (fault: string) => ApiError,
): Record<string, unknown> {
  for (const name of ["apiVersion", "kind"]) {
    const found = value[name] ?? "";
    if (typeof found === "string") continue;
    const fault = `json: cannot unmarshal ${goTypeOf(found)} into Go struct field .${name} of type string`;
    throw unreadable(`${PARSE_ERROR}${fault}`);
  }
  const isFilledIn = expected.decode === undefined;
  const { apiVersion: sentVersion, kind: sentKind } = value as { apiVersion?: string | null; kind?: string | null }; // checked above
  if (sentVersion && sentVersion.split("/").length > 2) {
    throw unreadable(`unexpected GroupVersion string: ${sentVersion}`);
  }
  const apiVersion = sentVersion || (isFilledIn ? expected.apiVersion : "");
  const kind = sentKind || expected.kind;
  if (apiVersion !== expected.apiVersion) {
    throw new ApiError(
      "BadRequest",
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  if (kind !== expected.kind) {
    throw new ApiError(
      "BadRequest",
      `the kind in the data (${kind}) does not match the expected kind (${expected.kind})`,
    );
  }
  // Most say both. To copy one of many fields takes longer than to decode it.
  return value.apiVersion === apiVersion && value.kind === kind ? value : { ...value, apiVersion, kind };
}

function cannotBeHandled(expected: BodyKind): string {
  const version = expected.apiVersion.split("/").at(-1);
  return `${expected.kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}`;
}
