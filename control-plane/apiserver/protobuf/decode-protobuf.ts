// Reads the protobuf bodies that kubectl's typed commands (`create deployment`, `create token`) and other typed clients send,
// into the same JSON value a JSON body would have been. The schema model says what each field is; only its number comes from
// a table of facts.
//
// The encoding writes a field that is unset in Go as its zero value, JSON leaves it out. So zeros are dropped here too, except
// where zero is something else than unset.

import type { Schema, SchemaModel } from "@atoll/api/schema";
import { formatMicroTime, formatTime } from "@atoll/base/clock";
import { doAtOnce } from "@atoll/base/steps";
import { ApiError } from "@atoll/machinery/object/api-error";
import { NESTING_DEPTH_MAX } from "../input/body-limits.ts";
import { MAGIC } from "./envelope.ts";
import { JSON_SCHEMA, schemaUnion, type SchemaUnion } from "./json-schema-unions.ts";
import { hasMessage, type MessageField, messageFields } from "./message-fields.ts";
import { malformed, readFields, type WireField, type WireValue } from "./wire-reader.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });

export interface ProtobufBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly value: Record<string, unknown>;
}

/** A message of this length is read in a millisecond or two. */
const SHORT_MESSAGE_BYTES = 16 * 1024;

/** The name of the definition of a kind that the envelope says; undefined for a kind nobody expects. */
type SchemaOf = (apiVersion: string, kind: string) => string | undefined;

export function decodeProtobufBody(bytes: Uint8Array, model: SchemaModel, schemaOf: SchemaOf): ProtobufBody {
  return doAtOnce(decodeProtobufInSteps(bytes, model, schemaOf));
}

/** Pauses between the fields of what is long. */
export function* decodeProtobufInSteps(
  bytes: Uint8Array,
  model: SchemaModel,
  schemaOf: SchemaOf,
): Generator<void, ProtobufBody> {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw malformed();
  let apiVersion = "";
  let kind = "";
  let raw: Uint8Array = new Uint8Array(0);
  for (const { number, value } of readFields(bytes.subarray(MAGIC.length))) {
    if (value.type !== "bytes") continue;
    if (number === 2) raw = value.value;
    if (number !== 1) continue;
    for (const type of readFields(value.value)) {
      if (type.number === 1) apiVersion = readText(type.value);
      if (type.number === 2) kind = readText(type.value);
    }
  }
  const schema = schemaOf(apiVersion, kind);
  if (schema === undefined) {
    throw new ApiError("BadRequest", `the kind in the data (${apiVersion} ${kind}) does not match the expected kind`);
  }
  const decoder = new MessageDecoder(model);
  return { apiVersion, kind, value: { apiVersion, kind, ...(yield* decoder.decodeInSteps(raw, schema, 0)) } };
}

interface Place {
  readonly definition: string;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly depth: number;
}

interface InnerMessage {
  readonly definition: string;
  /** Of a list. */
  readonly isItem: boolean;
}

class MessageDecoder {
  readonly #model: SchemaModel;

  constructor(model: SchemaModel) {
    this.#model = model;
  }

  decodeMessage(bytes: Uint8Array, definition: string, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#decodeInto(object, bytes, this.#placeOf(definition, depth));
    return object;
  }

  /** The same, of a message that may be long. */
  *decodeInSteps(bytes: Uint8Array, definition: string, depth: number): Generator<void, Record<string, unknown>> {
    const object: Record<string, unknown> = {};
    const place = this.#placeOf(definition, depth);
    if (bytes.length <= SHORT_MESSAGE_BYTES) {
      this.#decodeInto(object, bytes, place);
      return object;
    }
    if (depth > NESTING_DEPTH_MAX) throw malformed();
    const numbers = numbersOf(definition);
    for (const { number, value } of readFields(bytes)) {
      const entry = numbers.get(number);
      const inner = entry && value.type === "bytes" ? this.#messageIn(entry, place) : undefined;
      if (entry && inner !== undefined && value.type === "bytes") {
        put(object, entry.name, yield* this.decodeInSteps(value.value, inner.definition, depth + 1), inner);
      } else this.#takeField(object, entry, { number, value }, place);
      yield;
    }
    return object;
  }

  #placeOf(definition: string, depth: number): Place {
    return { definition, properties: this.#model.definitions[definition]?.properties ?? {}, depth };
  }

  /** What a field holds, where that is a message of its own. */
  #messageIn({ name, isEmbedded, isWrapped }: MessageField, { properties }: Place): InnerMessage | undefined {
    if (isEmbedded || isWrapped) return undefined;
    const schema = properties[name] ?? {};
    const { type, items = {} } = this.#resolve(schema);
    const definition = type === "array" ? items.ref : schema.ref;
    if (definition === undefined || schemaUnion(definition) || !hasMessage(definition)) return undefined;
    return this.#model.definitions[definition]?.format === undefined
      ? { definition, isItem: type === "array" }
      : undefined;
  }

  #decodeInto(object: Record<string, unknown>, bytes: Uint8Array, place: Place): void {
    const { definition, depth } = place;
    if (depth > NESTING_DEPTH_MAX) throw malformed();
    const numbers = numbersOf(definition);
    for (const field of readFields(bytes)) this.#takeField(object, numbers.get(field.number), field, place);
  }

  #takeField(
    object: Record<string, unknown>,
    entry: MessageField | undefined,
    { number, value }: WireField,
    { properties, depth }: Place,
  ): void {
    if (entry === undefined) {
      // A newer client's field. Under a name no schema has, so that it is reported like any other unknown field.
      object[`protobuf field ${number}`] = true;
    } else if (entry.isEmbedded) {
      this.#decodeInto(object, expectBytes(value), { definition: entry.name, properties, depth: depth + 1 });
    } else if (entry.isWrapped) {
      object[entry.name] = [...readFields(expectBytes(value))].map((item) => readText(item.value));
    } else {
      this.#decodeField(object, entry, value, { schema: properties[entry.name] ?? {}, depth });
    }
  }

  #decodeField(
    object: Record<string, unknown>,
    { name, isZeroMeant }: MessageField,
    value: WireValue,
    { schema, depth }: { readonly schema: Schema; readonly depth: number },
  ): void {
    const resolved = this.#resolve(schema);
    if (resolved.type === "array") {
      put(object, name, this.#decodeValue(value, resolved.items ?? {}, depth + 1), { isItem: true });
    } else if (resolved.additionalProperties) {
      const map = (object[name] ?? {}) as Record<string, unknown>; // as above
      const [key, entry] = this.#decodeEntry(expectBytes(value), resolved.additionalProperties, depth + 1);
      // A name that JSON may hold and that an assignment would take for something else.
      if (key === "__proto__") Object.defineProperty(map, key, { value: entry, enumerable: true });
      else map[key] = entry;
      object[name] = map;
    } else {
      const decoded = this.#decodeValue(value, schema, depth + 1);
      const isZero = decoded === undefined || decoded === "" || decoded === 0 || decoded === false;
      if (!isZero || (decoded !== undefined && isZeroMeant)) object[name] = decoded;
    }
  }

  #decodeEntry(bytes: Uint8Array, schema: Schema, depth: number): [string, unknown] {
    let key = "";
    let entry: unknown = "";
    for (const { number, value } of readFields(bytes)) {
      if (number === 1) key = readText(value);
      if (number !== 2) continue;
      // A list as a map's value is wrapped in a message with the list as its only field.
      entry =
        this.#resolve(schema).type === "array"
          ? [...readFields(expectBytes(value))].map((item) => readText(item.value))
          : this.#decodeValue(value, schema, depth);
    }
    return [key, entry];
  }

  #decodeValue(value: WireValue, schema: Schema, depth: number): unknown {
    const resolved = this.#resolve(schema);
    switch (resolved.format) {
      case "byte":
        return Buffer.from(expectBytes(value)).toString("base64");
      case "date-time":
      case "date-time-micro":
        return decodeTime(expectBytes(value), resolved.format);
      case "quantity":
        return decodeQuantity(expectBytes(value));
      case "int-or-string":
        return decodeIntOrString(expectBytes(value));
    }
    switch (resolved.type) {
      case "string":
        return readText(value);
      case "boolean":
        return readInteger(value) !== 0;
      case "integer":
        return readInteger(value);
      case "number":
        return value.type === "fixed64" ? value.value : readInteger(value);
      default:
        return this.#decodeReference(expectBytes(value), schema.ref, depth);
    }
  }

  #decodeReference(bytes: Uint8Array, definition: string | undefined, depth: number): unknown {
    const union = schemaUnion(definition);
    if (union) return this.#decodeUnion(bytes, union, depth);
    if (definition !== undefined && hasMessage(definition)) return this.decodeMessage(bytes, definition, depth);
    // RawExtension, FieldsV1 and free JSON: the JSON text is the message's first field.
    return decodeRawJson(bytes);
  }

  #decodeUnion(bytes: Uint8Array, { schemaNumber, other }: SchemaUnion, depth: number): unknown {
    const list: unknown[] = [];
    let schema: unknown;
    let allows = false;
    for (const { number, value } of readFields(bytes)) {
      if (number === schemaNumber) schema = this.decodeMessage(expectBytes(value), JSON_SCHEMA, depth + 1);
      else if (number !== other.number) continue;
      else if (other.type === "boolean") allows = readInteger(value) !== 0;
      else if (other.type === "texts") list.push(readText(value));
      else list.push(this.decodeMessage(expectBytes(value), JSON_SCHEMA, depth + 1));
    }
    return schema ?? (other.type === "boolean" ? allows : list);
  }

  #resolve(schema: Schema): Schema {
    return schema.ref === undefined ? schema : (this.#model.definitions[schema.ref] ?? schema);
  }
}

function put(
  object: Record<string, unknown>,
  name: string,
  value: unknown,
  { isItem }: Pick<InnerMessage, "isItem">,
): void {
  if (!isItem) object[name] = value;
  else if (object[name] === undefined) object[name] = [value];
  else (object[name] as unknown[]).push(value); // nothing else is ever put under the name of a list
}

const numbers = new Map<string, ReadonlyMap<number, MessageField>>();

function numbersOf(definition: string): ReadonlyMap<number, MessageField> {
  let known = numbers.get(definition);
  if (!known) {
    known = new Map(messageFields(definition).map((field) => [field.number, field]));
    numbers.set(definition, known);
  }
  return known;
}

function expectBytes(value: WireValue): Uint8Array {
  if (value.type !== "bytes") throw malformed();
  return value.value;
}

/** What is long, or not of ASCII, costs a call of the decoder. */
const SHORT_TEXT_BYTES = 24;

function readText(value: WireValue): string {
  const bytes = expectBytes(value);
  if (bytes.length <= SHORT_TEXT_BYTES && isAscii(bytes)) return String.fromCharCode(...bytes);
  try {
    return DECODER.decode(bytes);
  } catch (cause) {
    throw malformed(cause);
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if ((bytes[index] ?? 0) >= 0x80) return false;
  return true;
}

function readInteger(value: WireValue): number {
  if (value.type !== "varint") throw malformed();
  return typeof value.value === "number" ? value.value : Number(BigInt.asIntN(64, value.value));
}

/** Undefined for an empty message, which is how Go's zero time is written. */
function decodeTime(bytes: Uint8Array, format: "date-time" | "date-time-micro"): string | undefined {
  if (bytes.length === 0) return undefined;
  let seconds = 0;
  let nanos = 0;
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) seconds = readInteger(value);
    if (number === 2) nanos = readInteger(value);
  }
  const epochMs = seconds * 1000 + Math.floor(nanos / 1e6);
  if (Math.abs(epochMs) > 8.64e15) throw malformed();
  if (format === "date-time") return formatTime(epochMs);
  // A Date has milliseconds only; the last three of the six digits are put in from the message.
  const micros = String(Math.floor(nanos / 1000) % 1000).padStart(3, "0");
  return formatMicroTime(epochMs).replace(/\d{3}Z$/, `${micros}Z`);
}

function decodeQuantity(bytes: Uint8Array): string {
  for (const { number, value } of readFields(bytes)) if (number === 1) return readText(value);
  return "0";
}

function decodeIntOrString(bytes: Uint8Array): number | string {
  let isText = false;
  let integer = 0;
  let text = "";
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) isText = readInteger(value) === 1;
    if (number === 2) integer = readInteger(value);
    if (number === 3) text = readText(value);
  }
  return isText ? text : integer;
}

function decodeRawJson(bytes: Uint8Array): unknown {
  for (const { number, value } of readFields(bytes)) {
    if (number !== 1) continue;
    const text = readText(value);
    try {
      return text === "" ? undefined : JSON.parse(text);
    } catch (cause) {
      throw malformed(cause);
    }
  }
  return undefined;
}
