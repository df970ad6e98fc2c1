// Objects as protobuf messages, driven by the schema model and the table of numbers. For each definition a plan is made once:
// which fields to look for and how each is written. What JSON does not hold is not written; readers take the zero for it.

import { UNPUBLISHED } from "@atoll/api/facts/unpublished";
import type { Schema, SchemaModel } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import { beginBody, endBody, type TypeMeta, type WrappedMessage, wrapped } from "./envelope.ts";
import { JSON_SCHEMA, schemaUnion, type SchemaUnion } from "./json-schema-unions.ts";
import { type MessageField, messageFields, hasMessage } from "./message-fields.ts";
import { FIXED64, VARINT, WireWriter } from "./wire-writer.ts";

/** Writes one value with its tag. */
type WriteValue = (writer: WireWriter, value: unknown) => void;

interface PlannedField {
  /** Undefined: the fields of an embedded message, which stand in the object itself. */
  readonly name: string | undefined;
  readonly write: WriteValue;
}

/** Fields from the highest number to the lowest, since writing goes backwards. */
interface MessagePlan {
  fields: readonly PlannedField[];
}

const INTEGER_END = 2 ** 64;

const encoders = new WeakMap<SchemaModel, MessageEncoder>();

/** One per model: its plans are shared by all who use the model. */
export function encoderOf(model: SchemaModel): MessageEncoder {
  let encoder = encoders.get(model);
  if (!encoder) {
    encoder = new MessageEncoder(model);
    encoders.set(model, encoder);
  }
  return encoder;
}

export class MessageEncoder {
  readonly #model: SchemaModel;
  readonly #plans = new Map<string, MessagePlan>();
  readonly #writer = new WireWriter();

  constructor(model: SchemaModel) {
    this.#model = model;
  }

  /** A whole body. */
  encode(type: TypeMeta, definition: string, object: object): WrappedMessage {
    const plan = this.#planOf(definition);
    const writer = this.#writer;
    try {
      beginBody(writer);
      const before = writer.length;
      writeFields(writer, plan, object);
      const messageLength = writer.length - before;
      endBody(writer, type);
      return wrapped(writer.take(), messageLength);
    } finally {
      // After an error half a message may be left.
      writer.clear();
    }
  }

  #planOf(definition: string, properties?: Readonly<Record<string, Schema>>): MessagePlan {
    // An embedded message takes the schemas of its fields from the outer definition, where JSON has them.
    const key = properties ? `${definition} embedded` : definition;
    let plan = this.#plans.get(key);
    if (!plan) {
      plan = { fields: [] };
      // Known before its fields are looked at: definitions refer to themselves.
      this.#plans.set(key, plan);
      const schemas = properties ?? this.#propertiesOf(definition);
      plan.fields = messageFields(definition)
        .toReversed()
        .map((field) => this.#planField(field, schemas));
    }
    return plan;
  }

  #propertiesOf(definition: string): Readonly<Record<string, Schema>> {
    return (this.#model.definitions[definition] ?? UNPUBLISHED[definition])?.properties ?? {};
  }

  #planField(field: MessageField, schemas: Readonly<Record<string, Schema>>): PlannedField {
    const { number, name } = field;
    if (field.isWrapped) return { name, write: wrappedListWriter(number, this.#writerOf(1, schemas[name] ?? {})) };
    if (!field.isEmbedded) return { name, write: this.#writerOf(number, schemas[name] ?? {}) };
    const plan = this.#planOf(name, schemas);
    return {
      name: undefined,
      write(writer, object) {
        const before = writer.length;
        writeFields(writer, plan, object);
        if (writer.length > before) writer.close(number, before);
      },
    };
  }

  #writerOf(number: number, schema: Schema): WriteValue {
    const resolved = this.#resolve(schema);
    if (resolved.type === "array") {
      const write = this.#writerOf(number, resolved.items ?? {});
      return (writer, list) => {
        if (!Array.isArray(list)) return;
        for (let index = list.length - 1; index >= 0; index--) write(writer, list[index]);
      };
    }
    if (resolved.additionalProperties) return this.#mapWriter(number, resolved.additionalProperties);
    return this.#singleWriter(number, schema, resolved);
  }

  #mapWriter(number: number, schema: Schema): WriteValue {
    // A list as a map's value is wrapped in a message with the list as its only field.
    const isList = this.#resolve(schema).type === "array";
    const write = isList ? wrappedListWriter(2, this.#writerOf(1, schema)) : this.#writerOf(2, schema);
    return (writer, map) => {
      if (!isRecord(map)) return;
      for (const key of Object.keys(map).sort().reverse()) {
        const before = writer.length;
        write(writer, map[key]);
        writer.textField(1, key);
        writer.close(number, before);
      }
    };
  }

  #singleWriter(number: number, { ref }: Schema, resolved: Schema): WriteValue {
    switch (resolved.format) {
      case "byte":
        return (writer, value) => {
          const before = writer.length;
          writer.bytes(Buffer.from(String(value), "base64"));
          writer.close(number, before);
        };
      case "date-time":
      case "date-time-micro":
        return (writer, value) => writeTime(writer, number, String(value));
      case "quantity":
        return (writer, value) => {
          const before = writer.length;
          writer.textField(1, String(value));
          writer.close(number, before);
        };
      case "int-or-string":
        return (writer, value) => writeIntOrString(writer, number, value);
    }
    switch (resolved.type) {
      case "string":
        return (writer, value) => writer.textField(number, typeof value === "string" ? value : String(value));
      case "boolean":
        return (writer, value) => writeInteger(writer, number, value === true ? 1 : 0);
      case "integer":
        return (writer, value) => writeInteger(writer, number, Number(value));
      case "number":
        return (writer, value) => {
          writer.double(Number(value));
          writer.tag(number, FIXED64);
        };
    }
    const union = schemaUnion(ref);
    if (union) return this.#unionWriter(number, union);
    if (ref !== undefined && hasMessage(ref)) return messageWriter(number, this.#planOf(ref));
    // RawExtension, FieldsV1 and free JSON: the JSON text is the message's first field.
    return (writer, value) => {
      const before = writer.length;
      writer.textField(1, JSON.stringify(value));
      writer.close(number, before);
    };
  }

  #unionWriter(number: number, { schemaNumber, other }: SchemaUnion): WriteValue {
    const plan = this.#planOf(JSON_SCHEMA);
    const writeSchema = messageWriter(schemaNumber, plan);
    const writeItem: WriteValue =
      other.type === "schemas"
        ? messageWriter(other.number, plan)
        : (writer, value) => writer.textField(other.number, String(value));
    return (writer, value) => {
      const before = writer.length;
      if (Array.isArray(value)) for (const item of value.toReversed()) writeItem(writer, item);
      else if (isRecord(value)) writeSchema(writer, value);
      // A schema instead of the boolean says yes, too.
      if (other.type === "boolean") writeInteger(writer, other.number, value === false ? 0 : 1);
      writer.close(number, before);
    };
  }

  #resolve(schema: Schema): Schema {
    return schema.ref === undefined ? schema : (this.#model.definitions[schema.ref] ?? schema);
  }
}

function wrappedListWriter(number: number, write: WriteValue): WriteValue {
  return (writer, list) => {
    const before = writer.length;
    write(writer, list);
    writer.close(number, before);
  };
}

function messageWriter(number: number, plan: MessagePlan): WriteValue {
  return (writer, value) => {
    const before = writer.length;
    writeFields(writer, plan, value);
    writer.close(number, before);
  };
}

function writeFields(writer: WireWriter, plan: MessagePlan, value: unknown): void {
  if (!isRecord(value)) return;
  for (const { name, write } of plan.fields) {
    if (name === undefined) {
      write(writer, value);
      continue;
    }
    const field = value[name];
    if (field !== undefined && field !== null) write(writer, field);
  }
}

/** Throws for what no object that was checked holds: digits would be written for ever. */
function writeInteger(writer: WireWriter, number: number, value: number): void {
  if (!Number.isInteger(value) || Math.abs(value) >= INTEGER_END) {
    throw new RangeError(`${value} is no integer of 64 bits`);
  }
  writer.varint(value);
  writer.tag(number, VARINT);
}

/** Seconds, and for times with six digits after the second their nanoseconds. */
function writeTime(writer: WireWriter, number: number, text: string): void {
  const before = writer.length;
  const epochMs = Date.parse(text);
  if (!Number.isNaN(epochMs)) {
    const fraction = /\.(\d{1,6})/.exec(text)?.[1];
    if (fraction !== undefined) writeInteger(writer, 2, Number(fraction.padEnd(6, "0")) * 1000);
    writeInteger(writer, 1, Math.floor(epochMs / 1000));
  }
  writer.close(number, before);
}

function writeIntOrString(writer: WireWriter, number: number, value: unknown): void {
  const before = writer.length;
  if (typeof value === "number") writeInteger(writer, 2, value);
  else writer.textField(3, String(value));
  writeInteger(writer, 1, typeof value === "number" ? 0 : 1);
  writer.close(number, before);
}
