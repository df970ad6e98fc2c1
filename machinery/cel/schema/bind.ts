// JSON as values, as a schema says: a string with the format "date-time" is a moment, a list of the type "set" has no order.
// Nothing is made before an expression asks for it.

import { isRecord } from "@atoll/base/is-record";
import { ownValue } from "@atoll/base/own-value";
import { isDeepEqual } from "../../object/deep-equal.ts";
import { fitsFormat } from "../../object/structural-schema/formats.ts";
import { schemaOfField, type StructuralSchema } from "../../object/structural-schema/structural-schema.ts";
import { equal, equalLists, equalMaps } from "../values/equality.ts";
import { parseDuration, parseTimestamp } from "../values/times.ts";
import { ArrayList, CelError, CelList, CelMap, type CelValue, isError } from "../values/values.ts";
import { withObjectFields } from "./declared-type.ts";
import { escapeName, unescapeName } from "./escape.ts";

/** A value that does not fit the schema is an error. */
export function bindValue(json: unknown, schema: StructuralSchema): CelValue {
  if (json === null || json === undefined) {
    return schema.nullable ? null : new CelError("invalid data, got null for schema with nullable=false");
  }
  if (schema["x-kubernetes-int-or-string"]) {
    if (typeof json === "string") return json;
    if (Number.isInteger(json)) return BigInt(json as number); // is one
    return new CelError("invalid data, expected XIntOrString value to be either a string or integer");
  }
  switch (schema.type) {
    case "object":
      return bindObject(json, schema);
    case "array":
      return bindList(json, schema);
    case "string":
      return typeof json === "string" ? bindString(json, schema) : misfit("string");
    case "number":
      return typeof json === "number" ? json : misfit("float");
    case "integer":
      return Number.isInteger(json) ? BigInt(json as number) : misfit("int"); // is one
    case "boolean":
      return typeof json === "boolean" ? json : misfit("bool");
    default:
      if (schema["x-kubernetes-preserve-unknown-fields"]) return new Unseen(json);
      return misfit("a type");
  }
}

function misfit(wanted: string): CelError {
  return new CelError(`invalid data, expected ${wanted}`);
}

function bindObject(json: unknown, schema: StructuralSchema): CelValue {
  if (!isRecord(json)) return new CelError("invalid data, expected a map for the provided schema with type=object");
  const whole = schema["x-kubernetes-embedded-resource"] ? withObjectFields(schema) : schema;
  return whole.properties ? new BoundObject(json, whole) : new BoundMap(json, whole);
}

function bindList(json: unknown, schema: StructuralSchema): CelValue {
  if (!Array.isArray(json))
    return new CelError("invalid data, expected an array for the provided schema with type=array");
  if (!schema.items) return new CelError("invalid array type, expected Items with a non-empty Schema");
  switch (schema["x-kubernetes-list-type"]) {
    case "map":
      return new BoundMapList(json, schema.items, schema["x-kubernetes-list-map-keys"] ?? []);
    case "set":
      return new BoundSet(json, schema.items);
    default:
      return new BoundList(json, schema.items);
  }
}

function bindString(text: string, { format }: StructuralSchema): CelValue {
  switch (format) {
    case "duration":
      return (
        parseDuration(text.replaceAll(/\s+/g, "")) ?? new CelError(`Invalid duration ${text}: time: invalid duration`)
      );
    case "date":
      return parseTimestamp(`${text}T00:00:00Z`) ?? new CelError(`Invalid date formatted string ${text}`);
    case "date-time":
      return (
        parseTimestamp(text.replace(/t/, "T").replace(/z$/, "Z")) ??
        new CelError(`Invalid date-time formatted string ${text}`)
      );
    case "byte":
      return fitsFormat("byte", text)
        ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
        : new CelError(`Invalid byte formatted string ${text}`);
    default:
      return text;
  }
}

/** What is kept although no schema describes it: it can be compared as a whole. */
class Unseen extends CelMap {
  readonly #json: unknown;

  constructor(json: unknown) {
    super();
    this.#json = json;
  }

  get size(): number {
    return 1;
  }

  get(): undefined {
    return undefined;
  }

  keys(): Iterable<CelValue> {
    return [];
  }

  override equals(other: CelValue): boolean {
    return other instanceof Unseen && isDeepEqual(this.#json, other.#json);
  }
}

const NO_OVERLOAD = new CelError("no such overload");

abstract class BoundEntries extends CelMap {
  readonly json: Readonly<Record<string, unknown>>;
  readonly schema: StructuralSchema;

  constructor(json: Readonly<Record<string, unknown>>, schema: StructuralSchema) {
    super();
    this.json = json;
    this.schema = schema;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  override equals(other: CelValue): boolean | CelError {
    if (!(other instanceof CelMap)) return isError(other) ? other : NO_OVERLOAD;
    if (this.size !== other.size) return false;
    const same = equalMaps(this, other);
    if (same !== true || !(other instanceof BoundEntries)) return same;
    // What the schema does not describe is compared as it is.
    return Object.entries(this.json).every(
      ([field, value]) =>
        schemaOfField(this.schema, field) !== undefined ||
        !Object.hasOwn(other.json, field) ||
        isDeepEqual(value, other.json[field]),
    );
  }
}

class BoundMap extends BoundEntries {
  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return NO_OVERLOAD;
    const schema = this.schema.additionalProperties;
    if (!isRecord(schema) || !Object.hasOwn(this.json, key)) return undefined;
    return bindValue(this.json[key], schema);
  }

  keys(): Iterable<CelValue> {
    return isRecord(this.schema.additionalProperties) ? Object.keys(this.json) : [];
  }
}

class BoundObject extends BoundEntries {
  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return NO_OVERLOAD;
    const field = unescapeName(key);
    if (field === undefined || !Object.hasOwn(this.json, field)) return undefined;
    const value = this.json[field];
    const schema = ownValue(this.schema.properties, field);
    // Null in a field is the same as no field.
    return value === null || value === undefined || !schema ? undefined : bindValue(value, schema);
  }

  *keys(): Iterable<CelValue> {
    const { properties = {} } = this.schema;
    for (const field of Object.keys(this.json)) {
      if (Object.hasOwn(properties, field)) yield escapeName(field) ?? field;
    }
  }
}

class BoundList extends CelList {
  readonly json: readonly unknown[];
  readonly items: StructuralSchema;

  constructor(json: readonly unknown[], items: StructuralSchema) {
    super();
    this.json = json;
    this.items = items;
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): CelValue {
    return bindValue(this.json[index], this.items);
  }

  override equals(other: CelValue): boolean | CelError {
    if (!(other instanceof CelList)) return isError(other) ? other : NO_OVERLOAD;
    return equalLists(this, other);
  }
}

/** A set: equal whatever the order, and what is added to it is added once. */
class BoundSet extends BoundList {
  override equals(other: CelValue): boolean | CelError {
    if (!(other instanceof CelList)) return isError(other) ? other : NO_OVERLOAD;
    return this.size === other.size && [...other].every((item) => this.#has(item));
  }

  override concat(other: CelList): CelValue {
    return new ArrayList([...this, ...[...other].filter((item) => !this.#has(item))]);
  }

  #has(wanted: CelValue): boolean {
    return [...this].some((item) => equal(item, wanted) === true);
  }
}

/** A list of the type "map": equal whatever the order, and what is added replaces what has the same keys. */
class BoundMapList extends BoundList {
  readonly #keys: readonly string[];

  constructor(json: readonly unknown[], items: StructuralSchema, keys: readonly string[]) {
    super(json, items);
    this.#keys = keys.map((key) => escapeName(key) ?? key);
  }

  override equals(other: CelValue): boolean | CelError {
    if (!(other instanceof CelList)) return isError(other) ? other : NO_OVERLOAD;
    if (this.size !== other.size) return false;
    const own = new Map([...this].map((item) => [this.#keyOf(item), item]));
    for (const item of other) {
      const match = own.get(this.#keyOf(item));
      const same = match === undefined ? false : equal(match, item);
      if (same !== true) return same;
    }
    return true;
  }

  override concat(other: CelList): CelValue {
    const merged = new Map([...this].map((item) => [this.#keyOf(item), item]));
    for (const item of other) merged.set(this.#keyOf(item), item);
    return new ArrayList([...merged.values()]);
  }

  #keyOf(item: CelValue): string {
    if (!(item instanceof CelMap)) return "";
    return JSON.stringify(
      this.#keys.map((key) => {
        const value = item.get(key);
        return typeof value === "bigint" ? Number(value) : (value ?? null);
      }),
    );
  }
}
