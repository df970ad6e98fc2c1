// Reads a JSON value as an object of a definition: keeps what the definition knows, reports what it does not, and refuses
// what has the wrong type. The result is a new object in canonical form (times in UTC, quantities canonical, neither nulls nor
// the zeros that say the same); the input is not changed. Defaults and rules between fields are not decided here.

import type { TypeMismatch } from "@atoll/api/kind";
import { normalizeQuantity, roundToMillis } from "@atoll/api/meta/quantity";
import { markNoted, noteEmpty } from "@atoll/api/meta/said-empty";
import { noteUnlikeStored } from "@atoll/api/meta/unlike-stored";
import type { Schema, SchemaModel } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import { doAtOnce, isLongList, LeftLists } from "@atoll/base/steps";
import { resolveSchema } from "../resolve-schema.ts";
import { isLeftOut, zeroFactsOf } from "../zero-facts.ts";
import { canonicalTime } from "./canonical-time.ts";
import { Complaints } from "./complaints.ts";
import { describeBadBase64, describeBadQuantity, describeBadTime } from "./go-messages.ts";
import { fieldsOf, namedTypeOf, pathOf, type Place, ROOT } from "./place.ts";
import { goTypeOf, jsonTypeOf, shortName } from "./type-names.ts";

export interface DecodeResult {
  /** Holds whatever could be read; only to be used when there are no errors. */
  readonly object: Record<string, unknown>;
  readonly errors: readonly TypeMismatch[];
  /** Paths of fields that the definition does not have, "spec.containers[0].imag"; they are not in the object. */
  readonly unknownFields: readonly string[];
}

/** Any JSON: whoever has such a field looks at it himself. */
const RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension";

/** Other amounts by name, of resources that is, are counted in thousandths at most. */
const EXACT_AMOUNTS = /^io\.k8s\.api\.(node|resource)\./;

/** Has no fields, though its schema takes any. */
const EMPTY_STRUCT = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus";
const NO_FIELDS: Schema = { type: "object", properties: {} };

/** Deeper than any definition but the recursive ones; those stop here instead of at the end of the stack. */
const DEPTH_MAX = 256;

export function decodeObject(model: SchemaModel, schemaName: string, json: unknown): DecodeResult {
  return doAtOnce(decodeInSteps(model, schemaName, json));
}

/** Pauses between the items of long lists. */
export function* decodeInSteps(model: SchemaModel, schemaName: string, json: unknown): Generator<void, DecodeResult> {
  const decoder = new Decoder(model);
  const decoded = decoder.decode(json, { ref: schemaName }, ROOT);
  yield* decoder.left.finish();
  const object = isRecord(decoded) ? decoded : {};
  if (decoder.hasNoted) markNoted(object);
  return { object, errors: decoder.errors.all(), unknownFields: decoder.unknownFields.all() };
}

/** The lists in which a value stands, from the inside. */
interface ListsAround {
  readonly list: readonly unknown[];
  readonly outer: ListsAround | undefined;
}

class Decoder {
  readonly left = new LeftLists();
  errors = new Complaints<TypeMismatch>();
  unknownFields = new Complaints<string>();
  hasNoted = false;
  readonly #model: SchemaModel;
  #depth = 0;
  #around: ListsAround | undefined;

  constructor(model: SchemaModel) {
    this.#model = model;
  }

  decode(value: unknown, schema: Schema, place: Place): unknown {
    const definition = resolveSchema(this.#model, schema);
    this.#depth += 1;
    try {
      if (this.#depth > DEPTH_MAX) return this.#refuse(value, `at most ${DEPTH_MAX} levels`, place);
      return this.#decodeAs(value, definition, schema.ref, place);
    } finally {
      this.#depth -= 1;
    }
  }

  #decodeAs(value: unknown, definition: Schema, name: string | undefined, place: Place): unknown {
    switch (definition.type) {
      case undefined:
        return structuredClone(value);
      case "object":
        if (name === RAW_EXTENSION) return structuredClone(value);
        if (!isRecord(value)) return this.#refuse(value, goTypeOf(definition, name), place);
        if (name === EMPTY_STRUCT) return this.#decodeFields(value, NO_FIELDS, name, place);
        if (definition.properties) return this.#decodeFields(value, definition, name, place);
        if (definition.additionalProperties) return this.#decodeMap(value, definition.additionalProperties, place);
        return structuredClone(value);
      case "array":
        if (!Array.isArray(value)) return this.#refuse(value, goTypeOf(definition, name), place);
        if (isLongList(value)) return this.#leaveList(value, definition.items ?? {}, place);
        return this.#decodeList(value, definition.items ?? {}, place);
      case "string":
        return this.#decodeString(value, definition, place);
      case "boolean":
        return typeof value === "boolean" ? value : this.#refuse(value, "bool", place);
      case "integer":
        return this.#decodeInteger(value, definition, place);
      case "number":
        return typeof value === "number" ? value : this.#refuse(value, "float64", place);
    }
  }

  #decodeItem(item: unknown, schema: Schema, parent: Place, step: number): unknown {
    const place: Place = { parent, step, type: "item", owner: parent.owner, definition: undefined };
    return this.decode(item ?? emptyOf(this.#model, schema), schema, place);
  }

  #decodeList(value: readonly unknown[], schema: Schema, parent: Place): unknown[] {
    const list: unknown[] = [];
    const outer = this.#around;
    this.#around = { list, outer };
    for (const [step, item] of value.entries()) list.push(this.#decodeItem(item, schema, parent, step));
    this.#around = outer;
    return list;
  }

  /** The list has its length from the beginning: whoever made it asks whether it is empty. */
  #leaveList(value: readonly unknown[], schema: Schema, parent: Place): unknown[] {
    const list: unknown[] = new Array(value.length).fill(undefined);
    const depth = this.#depth;
    const around = { list, outer: this.#around };
    const errors = this.errors.leaveRoom();
    const unknownFields = this.unknownFields.leaveRoom();
    this.left.forEach(value, (item, step) => {
      const before = {
        errors: this.errors,
        unknownFields: this.unknownFields,
        depth: this.#depth,
        around: this.#around,
      };
      [this.errors, this.unknownFields, this.#depth, this.#around] = [errors, unknownFields, depth, around];
      list[step] = this.#decodeItem(item, schema, parent, step);
      [this.errors, this.unknownFields] = [before.errors, before.unknownFields];
      [this.#depth, this.#around] = [before.depth, before.around];
    });
    return list;
  }

  #decodeFields(
    value: Record<string, unknown>,
    definition: Schema,
    name: string | undefined,
    place: Place,
  ): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const owner = name === undefined ? place.owner : shortName(name);
    const properties = definition.properties ?? {};
    const zeros = name === undefined ? undefined : zeroFactsOf(name);
    for (const field of Object.keys(value)) {
      const fieldValue = value[field];
      const fieldPlace: Place = { parent: place, step: field, type: "field", owner, definition: name };
      const schema = Object.hasOwn(properties, field) ? properties[field] : undefined;
      if (!schema) {
        if (!this.unknownFields.isFull) this.unknownFields.add(pathOf(fieldPlace));
        continue;
      }
      // In JSON a null field says the same as no field.
      if (fieldValue === null) continue;
      const decoded = this.decode(fieldValue, schema, fieldPlace);
      const isEmptyMap = this.#isEmptyMap(schema, decoded);
      // Nobody else can tell, also of a list that is left where it is always shown.
      if (zeros && isEmptyMap) this.#note(object, field, {});
      else if (zeros && Array.isArray(decoded) && decoded.length === 0) this.#note(object, field, []);
      // So do the zeros of most fields.
      if (zeros && (isEmptyMap || isLeftOut(zeros, field, decoded))) continue;
      object[field] = decoded;
    }
    return object;
  }

  /** Of what was just read: all lists in which it stands are others, too. */
  #noteUnlikeStored(): void {
    for (let around = this.#around; around; around = around.outer) noteUnlikeStored(around.list);
  }

  #note(object: object, field: string, value: Parameters<typeof noteEmpty>[2]): void {
    noteEmpty(object, field, value);
    this.hasNoted = true;
    this.#noteUnlikeStored();
  }

  #isEmptyMap(schema: Schema, value: unknown): boolean {
    if (!isRecord(value) || Object.keys(value).length > 0) return false;
    return resolveSchema(this.#model, schema).additionalProperties !== undefined;
  }

  #decodeMap(value: Record<string, unknown>, schema: Schema, place: Place): Record<string, unknown> {
    // fromEntries makes own properties of any key, also of "__proto__".
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const itemPlace: Place = { parent: place, step: key, type: "key", owner: place.owner, definition: undefined };
        const decoded = this.decode(item ?? emptyOf(this.#model, schema), schema, itemPlace);
        const isQuantity = resolveSchema(this.#model, schema).format === "quantity" && typeof decoded === "string";
        const isAmount = isQuantity && !EXACT_AMOUNTS.test(place.definition ?? "");
        const rounded = isAmount ? roundToMillis(decoded) : decoded;
        if (rounded !== decoded) this.#noteUnlikeStored();
        return [key, rounded];
      }),
    );
  }

  #decodeString(value: unknown, definition: Schema, place: Place): unknown {
    switch (definition.format) {
      case "int-or-string":
        return typeof value === "string" || isInteger(value, "int32") ? value : this.#refuseIntOrString(value, place);
      case "quantity": {
        const text = typeof value === "string" || typeof value === "number" ? normalizeQuantity(value) : undefined;
        if (text !== value) this.#noteUnlikeStored();
        if (text !== undefined) return text;
        return this.#complain(place, {
          sent: value,
          wantedType: "resource.Quantity",
          message: describeBadQuantity(value),
        });
      }
      case "date-time":
      case "date-time-micro": {
        if (typeof value !== "string") return this.#refuse(value, "string", place, jsonTypeOf(value), "v1.Time");
        const { format } = definition;
        const time = canonicalTime(value, format);
        if (time !== undefined) return time;
        return this.#complain(place, { sent: value, wantedType: "v1.Time", message: describeBadTime(value, format) });
      }
      case "byte": {
        if (Array.isArray(value)) return this.#decodeOctets(value, place);
        if (typeof value !== "string") return this.#refuse(value, "[]uint8", place);
        const base64 = value.replaceAll(/[\r\n]/g, "");
        if (BASE64.test(base64)) return base64;
        return this.#complain(place, { sent: value, wantedType: "[]uint8", message: describeBadBase64(base64) });
      }
      default:
        return typeof value === "string" ? value : this.#refuse(value, "string", place);
    }
  }

  #decodeInteger(value: unknown, { format }: Schema, place: Place): unknown {
    const type = format === "int32" ? "int32" : "int64";
    if (typeof value !== "number") return this.#refuse(value, type, place);
    return isInteger(value, type) ? value : this.#refuse(value, type, place, `number ${value}`);
  }

  #refuseIntOrString(value: unknown, place: Place): undefined {
    const what = typeof value === "number" ? `number ${value}` : jsonTypeOf(value);
    return this.#refuse(value, "int32", place, what, "intstr.IntOrString");
  }

  /** Bytes that somebody has written as a list of numbers. */
  #decodeOctets(list: readonly unknown[], place: Place): string {
    const octets = list.map((item) => {
      if (typeof item !== "number") return this.#refuse(item, "uint8", place) ?? 0;
      const isOctet = Number.isInteger(item) && item >= 0 && item < 256;
      return isOctet ? item : (this.#refuse(item, "uint8", place, `number ${item}`) ?? 0);
    });
    return btoa(octets.map((octet) => String.fromCharCode(octet)).join(""));
  }

  /** `wantedType`: of what reads itself, and is of `goType` inside. */
  #refuse(value: unknown, goType: string, place: Place, what = jsonTypeOf(value), wantedType = goType): undefined {
    const field = place.owner === "" ? "value" : `Go struct field ${place.owner}.${fieldsOf(place)}`;
    const namedType = namedTypeOf(place);
    const message = `json: cannot unmarshal ${what} into ${field} of type ${namedType ?? goType}`;
    return this.#complain(place, { sent: value, wantedType, message, ...(namedType ? { namedType } : {}) });
  }

  #complain(place: Place, complaint: Pick<TypeMismatch, "sent" | "wantedType" | "namedType" | "message">): undefined {
    if (!this.errors.isFull) {
      this.errors.add({ type: "FieldValueTypeInvalid", field: pathOf(place), ...complaint });
    }
    return undefined;
  }
}

function isInteger(value: unknown, type: "int32" | "int64"): boolean {
  if (typeof value !== "number" || !Number.isInteger(value)) return false;
  return type === "int64" ? Math.abs(value) <= 2 ** 63 : value >= -(2 ** 31) && value < 2 ** 31;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What null stands for inside a list or a map, where it cannot mean "absent". */
function emptyOf(model: SchemaModel, schema: Schema): unknown {
  const { type, format } = resolveSchema(model, schema);
  switch (type) {
    case "object":
      return {};
    case "array":
      return [];
    case "string":
      return format === undefined || format === "byte" ? "" : format === "quantity" ? "0" : null;
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    default:
      return null;
  }
}
