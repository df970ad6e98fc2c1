// Claims as values. As upstream's, all their numbers are doubles, and a field may be named by its escaped name: `claims.a__dot__b`.

import { unescapeName } from "../schema/escape.ts";
import { CelList, CelMap, type CelValue } from "../values/values.ts";

export function claimValue(json: unknown): CelValue {
  if (Array.isArray(json)) return new ClaimList(json);
  switch (typeof json) {
    case "string":
    case "boolean":
    case "number":
      return json;
    case "object":
      // JSON knows no other objects than records.
      return json === null ? null : new ClaimMap(json as Readonly<Record<string, unknown>>);
    default:
      return null;
  }
}

class ClaimList extends CelList {
  readonly #items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    super();
    this.#items = items;
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return claimValue(this.#items[index]);
  }
}

class ClaimMap extends CelMap {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    super();
    this.#fields = fields;
  }

  get size(): number {
    return Object.keys(this.#fields).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const name = unescapeName(key) ?? key;
    return Object.hasOwn(this.#fields, name) ? claimValue(this.#fields[name]) : undefined;
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.#fields);
  }
}
