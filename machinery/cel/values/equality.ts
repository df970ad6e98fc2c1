// Whether values are the same, and which comes first.

import { compareBytes } from "./bytes.ts";
import {
  type CelError,
  CelList,
  CelMap,
  type CelValue,
  Duration,
  isError,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from "./values.ts";

/** Values of different types differ, but numbers are compared as numbers. */
export function equal(a: CelValue, b: CelValue): boolean | CelError {
  if (a === null || b === null) return a === b;
  switch (typeof a) {
    case "string":
    case "boolean":
      return a === b;
    case "bigint":
    case "number":
      return equalNumbers(a, b);
    default:
      return equalObjects(a, b);
  }
}

function equalNumbers(a: bigint | number, b: CelValue): boolean {
  const other = b instanceof Uint ? b.value : b;
  // JavaScript compares a bigint with a number by what they are worth.
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same worth are equal here
  return (typeof other === "bigint" || typeof other === "number") && a == other;
}

function equalObjects(a: object & CelValue, b: CelValue): boolean | CelError {
  if (isError(a)) return a;
  if (a instanceof Uint) return equalNumbers(a.value, b);
  if (a instanceof CelList) return a.equals ? a.equals(b) : equalLists(a, b);
  if (a instanceof CelMap) return a.equals ? a.equals(b) : equalMaps(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) return equalOptionals(a, b);
  if (a instanceof Opaque) return b instanceof Opaque && a.typeName === b.typeName && a.equals(b);
  return b instanceof Uint8Array && compareBytes(a, b) === 0;
}

function equalOptionals(a: Optional, b: CelValue): boolean | CelError {
  if (!(b instanceof Optional)) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value);
}

export function equalLists(a: CelList, b: CelValue): boolean | CelError {
  if (!(b instanceof CelList) || a.size !== b.size) return false;
  for (let index = 0; index < a.size; index++) {
    const same = equal(a.at(index), b.at(index));
    if (same !== true) return same;
  }
  return true;
}

export function equalMaps(a: CelMap, b: CelValue): boolean | CelError {
  if (!(b instanceof CelMap) || a.size !== b.size) return false;
  for (const key of a.keys()) {
    const own = a.get(key);
    const other = b.get(key);
    if (own === undefined || other === undefined) {
      if (own === other) continue;
      return false;
    }
    const same = equal(own, other);
    if (same !== true) return same;
  }
  return true;
}

/** Negative, zero or positive; NaN: one is not a number. Undefined: they cannot be compared. */
export function compare(a: CelValue, b: CelValue): number | undefined {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  if (isNumber(left)) return isNumber(right) ? compareNumbers(left, right) : undefined;
  if (typeof left === "string") return typeof right === "string" ? compareStrings(left, right) : undefined;
  if (typeof left === "boolean") return typeof right === "boolean" ? Number(left) - Number(right) : undefined;
  if (left instanceof Timestamp) return right instanceof Timestamp ? order(left.nanos, right.nanos) : undefined;
  if (left instanceof Duration) return right instanceof Duration ? order(left.nanos, right.nanos) : undefined;
  if (left instanceof Uint8Array) return right instanceof Uint8Array ? compareBytes(left, right) : undefined;
  return undefined;
}

function isNumber(value: CelValue): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

function compareNumbers(a: bigint | number, b: bigint | number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same worth are equal here
  return a == b ? 0 : Number.NaN;
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code points, which is how their bytes compare. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Halves of pairs stand for code points above all that one unit can say. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
