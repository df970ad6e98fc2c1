// JSON as values, where no schema says more: a whole number is an int, another a double. Lists and objects stay what they
// are until somebody looks into them.

import { CelList, CelMap, type CelValue } from "./values.ts";

/** What may be read in more than one way. */
export interface JsonReading {
  readonly numberOf: (json: number) => CelValue;
  /** The field that is meant by a key. */
  readonly fieldOf: (key: string) => string;
}

const USUAL: JsonReading = {
  numberOf: (json) => (Number.isInteger(json) ? BigInt(json) : json),
  fieldOf: (key) => key,
};

export function toCel(json: unknown): CelValue {
  return readJson(json, USUAL);
}

export function readJson(json: unknown, reading: JsonReading): CelValue {
  switch (typeof json) {
    case "string":
    case "boolean":
      return json;
    case "number":
      return reading.numberOf(json);
    case "object":
      if (json === null) return null;
      if (Array.isArray(json)) return new JsonList(json, reading);
      return new JsonMap(json as Readonly<Record<string, unknown>>, reading); // JSON knows no other objects than records
    default:
      return null;
  }
}

class JsonList extends CelList {
  readonly #items: readonly unknown[];
  readonly #reading: JsonReading;

  constructor(items: readonly unknown[], reading: JsonReading) {
    super();
    this.#items = items;
    this.#reading = reading;
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return readJson(this.#items[index], this.#reading);
  }
}

class JsonMap extends CelMap {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #reading: JsonReading;

  constructor(fields: Readonly<Record<string, unknown>>, reading: JsonReading) {
    super();
    this.#fields = fields;
    this.#reading = reading;
  }

  get size(): number {
    return Object.keys(this.#fields).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const field = this.#reading.fieldOf(key);
    if (!Object.hasOwn(this.#fields, field)) return undefined;
    const value = this.#fields[field];
    return value === undefined ? undefined : readJson(value, this.#reading);
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.#fields);
  }
}
