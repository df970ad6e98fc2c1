// Values as bytes in any encoding: errors, reviews, discovery, whatever is no stored object.

import type { SchemaModel } from "@atoll/api/schema";
import { encoderOf } from "../protobuf/message-encoder.ts";
import type { ApiResponse } from "../request/request.ts";
import { type Encoding, MEDIA_TYPES } from "./output-form.ts";

/** The value says what it is, for its envelope. */
interface TypedValue {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** What protobuf needs to know of a value. */
export interface ValueSchema {
  readonly model: SchemaModel;
  /** Name in the schema model. */
  readonly schema: string;
}

/** What is to be YAML is JSON here, too: `yaml-answer.ts` makes YAML of it. */
export function encodeValue(value: object, encoding: Encoding, { model, schema }: ValueSchema): Uint8Array {
  switch (encoding) {
    case "json":
    case "yaml":
      return encodeJson(value);
    case "protobuf": {
      const { apiVersion = "", kind = "" }: TypedValue = value;
      return encoderOf(model).encode({ apiVersion, kind }, schema, value).body;
    }
  }
}

export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

export function valueResponse(
  status: number,
  value: object,
  options: ValueSchema & { readonly encoding: Encoding },
): ApiResponse {
  const body = encodeValue(value, options.encoding, options);
  return { status, headers: { "content-type": MEDIA_TYPES[options.encoding] }, body };
}

const STATUS_SCHEMA = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

interface StatusForm {
  readonly encoding: Encoding;
  readonly model: SchemaModel;
}

export function encodeStatus(status: object, { encoding, model }: StatusForm): Uint8Array {
  return encodeValue(status, encoding, { model, schema: STATUS_SCHEMA });
}

/** A Status: of an error, or of a call that has nothing else to say. */
export function statusResponse(code: number, status: object, { encoding, model }: StatusForm): ApiResponse {
  return valueResponse(code, status, { encoding, model, schema: STATUS_SCHEMA });
}
