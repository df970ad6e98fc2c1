// The OpenAPI 2 document in protobuf, as the messages of gnostic have it: kubectl takes no other form of that version, which it
// asks for a kind that it does not find in version 3, such as a List.

import { FIXED64, VARINT, WireWriter } from "../protobuf/wire-writer.ts";

type Json = Readonly<Record<string, unknown>>;

/** A field's number and type; "*" behind the type: a list. */
type Field = `${number} ${string}`;

interface Message {
  readonly fields?: Readonly<Record<string, Field>>;
  /** For every other key: a pair of the key and its value. */
  readonly others?: Field;
  /** Number of the list of "x-" keys, whose values are texts of YAML, which JSON is. */
  readonly extensions?: number;
  /** A message around one of several: which one the value is. */
  readonly choose?: (value: unknown) => Field;
}

const PARAMETER_FIELDS = { required: "1 bool", in: "2 text", description: "3 text", name: "4 text" } as const;

const MESSAGES: Readonly<Record<string, Message>> = {
  Document: {
    fields: {
      ...{ swagger: "1 text", info: "2 Info", paths: "8 Paths", definitions: "9 Definitions" },
      ...{ security: "12 SecurityRequirement*", securityDefinitions: "13 SecurityDefinitions" },
    },
    extensions: 16,
  },
  Info: { fields: { title: "1 text", version: "2 text", description: "3 text" }, extensions: 7 },
  Paths: { others: "2 PathItem", extensions: 1 },
  PathItem: {
    fields: {
      ...{ get: "2 Operation", put: "3 Operation", post: "4 Operation", delete: "5 Operation" },
      ...{ options: "6 Operation", head: "7 Operation", patch: "8 Operation", parameters: "9 ParametersItem*" },
    },
    extensions: 10,
  },
  Operation: {
    fields: {
      ...{ tags: "1 text*", summary: "2 text", description: "3 text", operationId: "5 text", produces: "6 text*" },
      ...{ consumes: "7 text*", parameters: "8 ParametersItem*", responses: "9 Responses", schemes: "10 text*" },
      ...{ deprecated: "11 bool" },
    },
    extensions: 13,
  },
  ParametersItem: { choose: () => "1 Parameter" },
  Parameter: { choose: (value) => (placeOf(value) === "body" ? "1 BodyParameter" : "2 NonBodyParameter") },
  NonBodyParameter: { choose: (value) => (placeOf(value) === "path" ? "4 PathParameter" : "3 QueryParameter") },
  BodyParameter: {
    fields: { description: "1 text", name: "2 text", in: "3 text", required: "4 bool", schema: "5 Schema" },
    extensions: 6,
  },
  QueryParameter: { fields: { ...PARAMETER_FIELDS, type: "6 text", uniqueItems: "20 bool" }, extensions: 23 },
  PathParameter: { fields: { ...PARAMETER_FIELDS, type: "5 text", uniqueItems: "19 bool" }, extensions: 22 },
  Responses: { others: "1 ResponseValue", extensions: 2 },
  ResponseValue: { choose: () => "1 Response" },
  Response: { fields: { description: "1 text", schema: "2 SchemaItem" }, extensions: 5 },
  SchemaItem: { choose: () => "1 Schema" },
  Definitions: { others: "1 Schema" },
  Properties: { others: "1 Schema" },
  Schema: {
    fields: {
      ...{ $ref: "1 text", format: "2 text", title: "3 text", description: "4 text", default: "5 any" },
      ...{ multipleOf: "6 double", maximum: "7 double", exclusiveMaximum: "8 bool", minimum: "9 double" },
      ...{ exclusiveMinimum: "10 bool", maxLength: "11 int", minLength: "12 int", pattern: "13 text" },
      ...{ maxItems: "14 int", minItems: "15 int", uniqueItems: "16 bool", maxProperties: "17 int" },
      ...{ minProperties: "18 int", required: "19 text*", enum: "20 any*" },
      ...{ additionalProperties: "21 AdditionalPropertiesItem", type: "22 Values", items: "23 Items" },
      ...{ allOf: "24 Schema*", properties: "25 Properties", externalDocs: "29 ExternalDocs", example: "30 any" },
    },
    extensions: 31,
  },
  AdditionalPropertiesItem: { choose: (value) => (typeof value === "boolean" ? "2 bool" : "1 Schema") },
  Items: { choose: () => "1 Schema*" },
  /** Of texts: one, too, is a list. */
  Values: { choose: () => "1 text*" },
  ExternalDocs: { fields: { description: "1 text", url: "2 text" }, extensions: 3 },
  SecurityDefinitions: { others: "1 SecurityDefinitionsItem" },
  SecurityDefinitionsItem: { choose: () => "2 ApiKeySecurity" },
  ApiKeySecurity: { fields: { type: "1 text", name: "2 text", in: "3 text", description: "4 text" } },
  SecurityRequirement: { others: "1 Values" },
};

/** `document` is one that the server has written: what it never writes is left out of the tables. A step for each path and definition. */
export function* encodeDocument(document: Json): Generator<void, Uint8Array> {
  const writer = new WireWriter();
  for (const entry of entriesOf("Document", document)) {
    const [number = "", type = ""] = entry.field.split(" ");
    if (entry.isPair || MESSAGES[type]?.others === undefined) {
      writeEntry(writer, entry);
      continue;
    }
    const before = writer.length;
    for (const inner of entriesOf(type, entry.inner)) {
      writeEntry(writer, inner);
      yield;
    }
    writer.close(Number(number), before);
  }
  return writer.take();
}

// The writer goes from the last byte to the first, and so does everything here.

function writeMessage(writer: WireWriter, name: string, value: unknown): void {
  const field = MESSAGES[name]?.choose?.(value);
  if (field) writeField(writer, field, value);
  else for (const entry of entriesOf(name, value)) writeEntry(writer, entry);
}

interface Entry {
  readonly key: string;
  readonly inner: unknown;
  readonly field: Field;
  readonly isPair: boolean;
}

/** The last one first. */
function entriesOf(name: string, value: unknown): Entry[] {
  const message = MESSAGES[name];
  if (!message) throw new Error(`OpenAPI 2 has no message "${name}"`);
  const entries = Object.entries(value as Json).map(([key, inner]) => ({
    key,
    inner,
    ...placeOfKey(message, key, name),
  }));
  return entries.sort((left, right) => left.number - right.number).reverse();
}

function writeEntry(writer: WireWriter, { key, inner, field, isPair }: Entry): void {
  if (isPair) writePair(writer, field, key, inner);
  else writeField(writer, field, inner);
}

function placeOfKey({ fields, others, extensions }: Message, key: string, name: string) {
  const own = fields?.[key];
  if (own) return { number: numberOf(own), field: own, isPair: false };
  const field: Field | undefined = key.startsWith("x-") && extensions !== undefined ? `${extensions} any` : others;
  if (!field) throw new Error(`Message "${name}" of OpenAPI 2 has no field "${key}"`);
  return { number: numberOf(field), field, isPair: true };
}

function numberOf(field: Field): number {
  return Number(field.slice(0, field.indexOf(" ")));
}

function writePair(writer: WireWriter, field: Field, key: string, value: unknown): void {
  const [number = "", type = ""] = field.split(" ");
  const before = writer.length;
  writeField(writer, `2 ${type}`, value);
  writer.textField(1, key);
  writer.close(Number(number), before);
}

function writeField(writer: WireWriter, field: Field, value: unknown): void {
  const [digits = "", type = ""] = field.split(" ");
  const number = Number(digits);
  if (!type.endsWith("*")) {
    writeValue(writer, number, type, value);
    return;
  }
  for (const item of [value].flat().reverse()) writeValue(writer, number, type.slice(0, -1), item);
}

function writeValue(writer: WireWriter, number: number, type: string, value: unknown): void {
  const before = writer.length;
  switch (type) {
    case "text":
      writer.textField(number, String(value));
      return;
    case "bool":
    case "int":
      writer.varint(Number(value));
      writer.tag(number, VARINT);
      return;
    case "double":
      writer.double(Number(value));
      writer.tag(number, FIXED64);
      return;
    case "any":
      writer.textField(2, `${JSON.stringify(value)}\n`);
      break;
    default:
      writeMessage(writer, type, value);
  }
  writer.close(number, before);
}

function placeOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "in" in value ? value.in : undefined;
}
