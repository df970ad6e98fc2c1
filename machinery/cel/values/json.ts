// JSON as values, where no schema says more: a whole number is an int, another a double. Lists and objects stay what they
// are until somebody looks into them.

import { CelList, CelMap, type CelValue } from "./values.ts";

export function toCel(json: unknown): CelValue {
  switch (typeof json) {
    case "string":
    case "boolean":
      return json;
    case "number":
      return Number.isInteger(json) ? BigInt(json) : json;
    case "object":
      if (json === null) return null;
      // JSON knows no other objects than records.
      return Array.isArray(json) ? new JsonList(json) : new JsonMap(json as Readonly<Record<string, unknown>>);
    default:
      return null;
  }
}

export class JsonList extends CelList {
  readonly #items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    super();
    this.#items = items;
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return toCel(this.#items[index]);
  }
}

export class JsonMap extends CelMap {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    super();
    this.#fields = fields;
  }

  get size(): number {
    return Object.keys(this.#fields).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.#fields, key)) return undefined;
    const value = this.#fields[key];
    return value === undefined ? undefined : toCel(value);
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.#fields);
  }
}
