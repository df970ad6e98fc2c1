// From the bytes of a body to a JSON value, by its content type. What is wrong is said before anything else happens.

import { ApiError } from "@atoll/machinery/object/api-error";
import { findDuplicateFields } from "@atoll/machinery/object/find-duplicate-fields";
import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { SchemaModel } from "@atoll/api/schema";
import type { ApiRequest } from "../request/request.ts";
import { BODY_BYTES_MAX, checkJsonDepth, checkValueDepth } from "./body-limits.ts";
import type { BodyKind } from "./body-kind.ts";
import { decodeProtobufBody } from "../protobuf/decode-protobuf.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";
const YAML_TYPES: ReadonlySet<string> = new Set(["application/yaml", "application/x-yaml", "text/yaml"]);
/** A YAML document may refer to its own parts; more often than this is an attack by expansion. */
const YAML_ALIASES_MAX = 100;

export interface ParsedBody {
  readonly value: unknown;
  /** Paths that stand in the text twice; the last one won. */
  readonly duplicateFields: readonly string[];
  /** The same of YAML, in the words of upstream's parser. */
  readonly repeatedKeys?: readonly string[];
}

/** What a strict reader says of fields that stand in the body twice. */
export function repetitionsOf({ duplicateFields, repeatedKeys = [] }: ParsedBody): string[] {
  const fields = duplicateFields.map((field) => `duplicate field ${JSON.stringify(field)}`);
  return repeatedKeys.length === 0 ? fields : [...fields, `yaml: unmarshal errors:\n  ${repeatedKeys.join("\n  ")}`];
}

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** The type without its parameters, lower case; "" where there is none. */
export function contentType(request: ApiRequest): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Undefined for an empty body. What the body should be matters only to protobuf, which cannot be read without. */
export async function parseBody(
  request: ApiRequest,
  model: SchemaModel,
  expected: Pick<BodyKind, "kind" | "schema">,
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
    return { value: decodeProtobufBody(bytes, model, schemaOf).value, duplicateFields: [] };
  }
  return isYaml ? parseYaml(bytes) : parseJson(bytes);
}

export function parseJson(bytes: Uint8Array): ParsedBody {
  checkJsonDepth(bytes);
  const text = decodeText(bytes);
  try {
    return { value: JSON.parse(text), duplicateFields: findDuplicateFields(text) };
  } catch (cause) {
    throw malformed("json", cause);
  }
}

export function parseYaml(bytes: Uint8Array): ParsedBody {
  const text = decodeText(bytes);
  const lineCounter = new LineCounter();
  let value: unknown;
  let repeatedKeys: string[];
  try {
    // Kubernetes reads YAML 1.1, where "yes" is true and 014 is twelve.
    const options = { version: "1.1", schema: "yaml-1.1", strict: true, uniqueKeys: false, lineCounter } as const;
    const document = parseDocument(text, options);
    if (document.errors[0]) throw document.errors[0];
    repeatedKeys = findRepeatedKeys(document, lineCounter);
    value = document.toJS({ maxAliasCount: YAML_ALIASES_MAX });
  } catch (cause) {
    throw malformed("yaml", cause);
  }
  checkValueDepth(value);
  // One pass through JSON leaves nothing that JSON has not: dates become strings, map keys too.
  return { value: JSON.parse(JSON.stringify(value ?? null)), duplicateFields: [], repeatedKeys };
}

function findRepeatedKeys(document: ReturnType<typeof parseDocument>, lines: LineCounter): string[] {
  const found: string[] = [];
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          found.push(`line ${lines.linePos(key.range?.[0] ?? 0).line}: key ${JSON.stringify(name)} already set in map`);
        }
        seen.add(name);
      }
    },
  });
  return found;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch (cause) {
    throw new ApiError("BadRequest", "the body is not valid UTF-8", { cause });
  }
}

/** The engine's words, but where upstream's are known: most such texts are cut off, not wrong. */
export function describeSyntaxError(cause: unknown): string {
  const text = cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause);
  return text === "Unexpected end of JSON input" ? "unexpected end of JSON input" : text;
}

function malformed(format: string, cause: unknown): ApiError {
  const text = describeSyntaxError(cause);
  return new ApiError("BadRequest", `couldn't get version/kind; ${format} parse error: ${text}`, { cause });
}
