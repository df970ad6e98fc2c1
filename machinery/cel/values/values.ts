// What an expression works with. Strings, booleans, null and doubles are JavaScript's own; an int is a bigint, for it has
// 64 bits. An error is a value, too: `||` and `&&` look past it, everything else hands it on.

import { codePointCount } from "./code-points.ts";

export type CelValue =
  | null
  | boolean
  /** An int. */
  | bigint
  /** A double. */
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | CelList
  | CelMap
  | TypeValue
  | Optional
  | Opaque
  | CelError;

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

export class Timestamp {
  /** Since 1970. */
  readonly nanos: bigint;
  /** Of the zone it was written in: it is printed in the same. */
  readonly offsetSeconds: number;

  constructor(nanos: bigint, offsetSeconds = 0) {
    this.nanos = nanos;
    this.offsetSeconds = offsetSeconds;
  }
}

export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A list; items may be made only when they are asked for. */
export abstract class CelList {
  abstract readonly size: number;
  /** Within bounds. */
  abstract at(index: number): CelValue;

  *[Symbol.iterator](): Generator<CelValue, void, undefined> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }

  /** Undefined: item by item, in order. */
  equals?(other: CelValue): boolean | CelError;

  /** Undefined: one after the other. */
  concat?(other: CelList): CelValue;
}

/** A map, or an object whose fields are its keys. */
export abstract class CelMap {
  abstract readonly size: number;
  /** Undefined: there is no such key. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): Iterable<CelValue>;

  /** Undefined: key by key. */
  equals?(other: CelValue): boolean | CelError;
}

/** What `type(x)` gives. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A value that only functions look into: an address, a quantity, an authorizer. */
export abstract class Opaque {
  abstract readonly typeName: string;
  abstract equals(other: Opaque): boolean;

  /** What has a size for costs has it here. */
  get size(): number {
    return 1;
  }
}

export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export class ArrayList extends CelList {
  readonly items: readonly CelValue[];

  constructor(items: readonly CelValue[]) {
    super();
    this.items = items;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): CelValue {
    return this.items[index] ?? null;
  }
}

/** The items of a loop that collects: it grows in place, which nobody sees who has taken it over when the loop is done. */
export class GrowingList extends CelList {
  readonly items: CelValue[] = [];

  get size(): number {
    return this.items.length;
  }

  at(index: number): CelValue {
    return this.items[index] ?? null;
  }
}

type Key = string | bigint | boolean | number;

/** Numbers that are equal are the same key, whatever their types. Undefined: no value that can be a key. */
export function keyOf(value: CelValue): Key | undefined {
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") return value;
  if (value instanceof Uint) return value.value;
  if (typeof value !== "number") return undefined;
  return Number.isInteger(value) ? BigInt(value) : value;
}

export class EntryMap extends CelMap {
  readonly entries: Map<Key, readonly [CelValue, CelValue]>;

  constructor(entries: Map<Key, readonly [CelValue, CelValue]>) {
    super();
    this.entries = entries;
  }

  static of(entries: Iterable<readonly [string, CelValue]>): EntryMap {
    return new EntryMap(new Map(Array.from(entries, ([key, value]) => [key, [key, value] as const])));
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const found = keyOf(key);
    return found === undefined ? undefined : this.entries.get(found)?.[1];
  }

  *keys(): Iterable<CelValue> {
    for (const [key] of this.entries.values()) yield key;
  }
}

export function isError(value: CelValue): value is CelError {
  return value instanceof CelError;
}

/** "int", "google.protobuf.Timestamp": as `type(x)` names it. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    default:
      return value === null ? "null_type" : objectTypeName(value);
  }
}

function objectTypeName(value: object & CelValue): string {
  if (value instanceof CelMap) return "map";
  if (value instanceof CelList) return "list";
  if (value instanceof Uint) return "uint";
  if (value instanceof Timestamp) return "google.protobuf.Timestamp";
  if (value instanceof Duration) return "google.protobuf.Duration";
  if (value instanceof TypeValue) return "type";
  if (value instanceof Optional) return "optional_type";
  if (value instanceof Opaque) return value.typeName;
  return value instanceof CelError ? "error" : "bytes";
}

/** Of a string its code points, of bytes, lists and maps what is in them; everything else counts as one. */
export function sizeOf(value: CelValue): number {
  if (typeof value === "string") return codePointCount(value);
  if (value instanceof CelMap || value instanceof CelList || value instanceof Opaque) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Optional && value.value !== undefined) return sizeOf(value.value);
  return 1;
}
