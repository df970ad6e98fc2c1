// From the bytes of a body to a JSON value, by its content type. What is wrong is said before anything else happens.

import { doInSteps, endOfLongStep } from "@atoll/base/node/long-step";
import { ApiError } from "@atoll/machinery/object/api-error";
import { findDuplicateFields } from "@atoll/machinery/object/find-duplicate-fields";
import type { SchemaModel } from "@atoll/api/schema";
import type { ApiRequest } from "../request/request.ts";
import { BODY_BYTES_MAX, checkJsonDepth } from "./body-limits.ts";
import { decodeText, describeUnrecognized, startOf, UnreadableJson } from "./body-text.ts";
import type { BodyKind } from "./body-kind.ts";
import { parseYamlBody } from "./parse-yaml.ts";
import { decodeProtobufInSteps } from "../protobuf/decode-protobuf.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";
const YAML_TYPES: ReadonlySet<string> = new Set(["application/yaml", "application/x-yaml", "text/yaml"]);

export interface ParsedBody {
  readonly value: unknown;
  /** Paths that stand in the text twice; the last one won. */
  readonly duplicateFields: readonly string[];
  /** The same of YAML, in the words of upstream's parser. */
  readonly repeatedKeys?: readonly string[];
  /** How the text begins, for whoever has to say that it is no object. */
  readonly start?: Uint8Array;
}

/** What a strict reader says of fields that stand in the body twice. */
export function repetitionsOf({ duplicateFields, repeatedKeys = [] }: ParsedBody): string[] {
  const fields = duplicateFields.map((field) => `duplicate field ${JSON.stringify(field)}`);
  return repeatedKeys.length === 0 ? fields : [...fields, `yaml: unmarshal errors:\n  ${repeatedKeys.join("\n  ")}`];
}

/** The type without its parameters, lower case; "" where there is none. */
export function contentType(request: ApiRequest): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Undefined for an empty body. What the body should be matters only to protobuf, which cannot be read without. */
export async function parseBody(
  request: ApiRequest,
  model: SchemaModel,
  expected: Pick<BodyKind, "kind" | "schema" | "isOptions">,
): Promise<ParsedBody | undefined> {
  const type = contentType(request);
  const isYaml = YAML_TYPES.has(type);
  if (type !== "" && type !== JSON_TYPE && type !== PROTOBUF_TYPE && !isYaml) {
    throw new ApiError(
      "UnsupportedMediaType",
      `the body of the request was in an unknown format - accepted media types include: ${JSON_TYPE}, application/yaml, ${PROTOBUF_TYPE}`,
    );
  }
  const bytes = await request.body.read(BODY_BYTES_MAX);
  if (bytes.length === 0) return undefined;
  if (type === PROTOBUF_TYPE) {
    const schemaOf = (_apiVersion: string, kind: string) => (kind === expected.kind ? expected.schema : undefined);
    await endOfLongStep();
    const { value } = await doInSteps(decodeProtobufInSteps(bytes, model, schemaOf));
    await endOfLongStep();
    return { value, duplicateFields: [] };
  }
  if (isYaml) return parseYaml(bytes);
  try {
    return await parseJson(bytes);
  } catch (error) {
    if (expected.isOptions || !(error instanceof UnreadableJson)) throw error;
    throw new ApiError("BadRequest", describeUnrecognized(expected.kind, error.message, startOf(bytes)), {
      cause: error,
    });
  }
}

/** In steps: of the largest bodies each takes tens of milliseconds. */
export async function parseJson(bytes: Uint8Array): Promise<ParsedBody> {
  await endOfLongStep();
  checkJsonDepth(bytes);
  const text = decodeText(bytes);
  await endOfLongStep();
  try {
    const value: unknown = JSON.parse(text);
    await endOfLongStep();
    const duplicateFields = findDuplicateFields(text);
    await endOfLongStep();
    return { value, duplicateFields, start: startOf(bytes) };
  } catch (cause) {
    throw new UnreadableJson(bytes, cause);
  }
}

export async function parseYaml(bytes: Uint8Array): Promise<ParsedBody> {
  const { json, repeatedKeys } = await parseYamlBody(bytes);
  await endOfLongStep();
  const value: unknown = JSON.parse(json);
  await endOfLongStep();
  return { value, duplicateFields: [], repeatedKeys };
}
