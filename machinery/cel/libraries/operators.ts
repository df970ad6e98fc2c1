// The operators. Where several types meet they look at the values themselves, for operands may be dynamic.

import { declare, type FunctionDeclaration, type Overload, overload } from "../check/function-declaration.ts";
import { contains } from "../evaluate/attribute.ts";
import { concatBytes } from "../values/bytes.ts";
import { compare, equal } from "../values/equality.ts";
import { checkedInt, isUint64 } from "../values/numbers.ts";
import { checkedDuration, checkedTimestamp } from "../values/times.ts";
import {
  ArrayList,
  CelError,
  CelList,
  CelMap,
  type CelValue,
  Duration,
  GrowingList,
  isError,
  sizeOf,
  Timestamp,
  Uint,
} from "../values/values.ts";

const NAMES: Readonly<Record<string, string>> = { int: "int64", uint: "uint64" };

export const OPERATORS: readonly FunctionDeclaration[] = [
  declare("_?_:_", [overload("(bool, A, A) -> A", "conditional")]),
  declare("_&&_", [overload("(bool, bool) -> bool", "logical_and")]),
  declare("_||_", [overload("(bool, bool) -> bool", "logical_or")]),
  declare("!_", [overload("(bool) -> bool", "logical_not")], (value) =>
    typeof value === "boolean" ? !value : noOverload(),
  ),
  declare("@not_strictly_false", [overload("(bool) -> bool", "not_strictly_false")]),
  declare("_==_", [overload("(A, A) -> bool", "equals")], (a = null, b = null) => equal(a, b)),
  declare("_!=_", [overload("(A, A) -> bool", "not_equals")], (a = null, b = null) => {
    const same = equal(a, b);
    return isError(same) ? same : !same;
  }),
  declare(
    "_+_",
    [
      ...arithmetic("add", "bytes", "double"),
      overload("(duration, duration) -> duration", "add_duration_duration"),
      overload("(duration, timestamp) -> timestamp", "add_duration_timestamp"),
      overload("(timestamp, duration) -> timestamp", "add_timestamp_duration"),
      ...arithmetic("add", "int"),
      overload("(list(A), list(A)) -> list(A)", "add_list"),
      ...arithmetic("add", "string", "uint"),
    ],
    (a = null, b = null) => add(a, b),
  ),
  declare(
    "_-_",
    [
      ...arithmetic("subtract", "double"),
      overload("(duration, duration) -> duration", "subtract_duration_duration"),
      ...arithmetic("subtract", "int"),
      overload("(timestamp, duration) -> timestamp", "subtract_timestamp_duration"),
      overload("(timestamp, timestamp) -> duration", "subtract_timestamp_timestamp"),
      ...arithmetic("subtract", "uint"),
    ],
    (a = null, b = null) => subtract(a, b),
  ),
  declare("_*_", arithmetic("multiply", "double", "int", "uint"), (a = null, b = null) =>
    onNumbers("_*_", a, b, { ofInts: (x, y) => x * y, ofDoubles: (x, y) => x * y }),
  ),
  declare("_/_", arithmetic("divide", "double", "int", "uint"), (a = null, b = null) =>
    onNumbers("_/_", a, b, {
      ofInts: (x, y) => (y === 0n ? new CelError("division by zero") : x / y),
      ofDoubles: (x, y) => x / y,
    }),
  ),
  declare("_%_", arithmetic("modulo", "int", "uint"), (a = null, b = null) =>
    onNumbers("_%_", a, b, { ofInts: (x, y) => (y === 0n ? new CelError("modulus by zero") : x % y) }),
  ),
  declare(
    "-_",
    [overload("(double) -> double", "negate_double"), overload("(int) -> int", "negate_int64")],
    (value = null) => {
      if (typeof value === "bigint") return checkedInt(-value);
      if (value instanceof Duration) return checkedDuration(-value.nanos);
      return typeof value === "number" ? -value : noOverload();
    },
  ),
  comparison("_<_", "less", (order) => order < 0),
  comparison("_<=_", "less_equals", (order) => order <= 0),
  comparison("_>_", "greater", (order) => order > 0),
  comparison("_>=_", "greater_equals", (order) => order >= 0),
  declare("_[_]", [
    overload("(list(A), int) -> A", "index_list"),
    overload("(map(A, B), A) -> B", "index_map"),
    overload("(optional(list(V)), int) -> optional(V)", "optional_list_index_int"),
    overload("(optional(map(K, V)), K) -> optional(V)", "optional_map_index_value"),
  ]),
  declare("_[?_]", [
    overload("(list(V), int) -> optional(V)", "list_optindex_optional_int"),
    overload("(optional(list(V)), int) -> optional(V)", "optional_list_optindex_optional_int"),
    overload("(map(K, V), K) -> optional(V)", "map_optindex_optional_value"),
    overload("(optional(map(K, V)), K) -> optional(V)", "optional_map_optindex_optional_value"),
  ]),
  declare(
    "@in",
    [overload("(A, list(A)) -> bool", "in_list"), overload("(A, map(A, B)) -> bool", "in_map")],
    (value = null, container = null) => {
      if (container instanceof CelList) return contains(container, value);
      if (container instanceof CelMap) return isIn(container, value);
      return noOverload();
    },
  ),
  declare(
    "size",
    ["bytes", "list(A)", "map(A, B)", "string"].flatMap((type) => {
      const name = type.replace(/\(.*/, "");
      return [overload(`(${type}) -> int`, `size_${name}`), overload(`${type}.() -> int`, `${name}_size`)];
    }),
    (value = null) => {
      const hasSize =
        typeof value === "string" || value instanceof Uint8Array || value instanceof CelList || value instanceof CelMap;
      return hasSize ? BigInt(sizeOf(value)) : noOverload("size");
    },
  ),
];

function arithmetic(verb: string, ...types: readonly string[]): Overload[] {
  return types.map((type) => overload(`(${type}, ${type}) -> ${type}`, `${verb}_${NAMES[type] ?? type}`));
}

function comparison(name: string, verb: string, holds: (order: number) => boolean): FunctionDeclaration {
  const same = (type: string) => overload(`(${type}, ${type}) -> bool`, `${verb}_${NAMES[type] ?? type}`);
  const mixed = (left: string, right: string) =>
    overload(`(${left}, ${right}) -> bool`, `${verb}_${NAMES[left] ?? left}_${NAMES[right] ?? right}`);
  const numbers = [
    ...[same("int"), mixed("int", "double"), mixed("int", "uint")],
    ...[same("uint"), mixed("uint", "double"), mixed("uint", "int")],
    ...[same("double"), mixed("double", "int"), mixed("double", "uint")],
  ];
  const overloads = [same("bool"), ...numbers, ...["string", "bytes", "timestamp", "duration"].map(same)];
  return declare(name, overloads, (a = null, b = null) => {
    const order = compare(a, b);
    if (order === undefined) return compare(a, a) === undefined ? noOverload(name) : noOverload();
    return Number.isNaN(order) ? new CelError("NaN values cannot be ordered") : holds(order);
  });
}

/** With the operator's name where its left side takes no such operator at all. */
function noOverload(name?: string): CelError {
  return new CelError(name === undefined ? "no such overload" : `no such overload: ${name}`);
}

function isIn(map: CelMap, key: CelValue): CelValue {
  const found = map.get(key);
  return found !== undefined && isError(found) ? found : found !== undefined;
}

function onNumbers(
  name: string,
  a: CelValue,
  b: CelValue,
  run: {
    readonly ofInts: (a: bigint, b: bigint) => bigint | CelError;
    readonly ofDoubles?: (a: number, b: number) => number;
  },
): CelValue {
  if (typeof a === "bigint") {
    if (typeof b !== "bigint") return noOverload();
    const result = run.ofInts(a, b);
    return typeof result === "bigint" ? checkedInt(result) : result;
  }
  if (a instanceof Uint) {
    if (!(b instanceof Uint)) return noOverload();
    const result = run.ofInts(a.value, b.value);
    return typeof result === "bigint" ? checkedUint(result) : result;
  }
  if (typeof a === "number" && run.ofDoubles) return typeof b === "number" ? run.ofDoubles(a, b) : noOverload();
  return noOverload(name);
}

function checkedUint(value: bigint): CelValue {
  return isUint64(value) ? new Uint(value) : new CelError("unsigned integer overflow");
}

function add(a: CelValue, b: CelValue): CelValue {
  if (typeof a === "string") return typeof b === "string" ? a + b : noOverload();
  if (a instanceof CelList) return b instanceof CelList ? addLists(a, b) : noOverload();
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? concatBytes(a, b) : noOverload();
  if (a instanceof Duration) {
    if (b instanceof Duration) return checkedDuration(a.nanos + b.nanos);
    return b instanceof Timestamp ? checkedTimestamp(a.nanos + b.nanos, b.offsetSeconds) : noOverload();
  }
  if (a instanceof Timestamp) {
    return b instanceof Duration ? checkedTimestamp(a.nanos + b.nanos, a.offsetSeconds) : noOverload();
  }
  return onNumbers("_+_", a, b, { ofInts: (x, y) => x + y, ofDoubles: (x, y) => x + y });
}

function addLists(a: CelList, b: CelList): CelValue {
  if (a instanceof GrowingList) {
    a.items.push(...b);
    return a;
  }
  if (a.concat) return a.concat(b);
  if (a.size === 0) return b;
  return b.size === 0 ? a : new ArrayList([...a, ...b]);
}

function subtract(a: CelValue, b: CelValue): CelValue {
  if (a instanceof Duration) return b instanceof Duration ? checkedDuration(a.nanos - b.nanos) : noOverload();
  if (a instanceof Timestamp) {
    if (b instanceof Timestamp) return checkedDuration(a.nanos - b.nanos);
    return b instanceof Duration ? checkedTimestamp(a.nanos - b.nanos, a.offsetSeconds) : noOverload();
  }
  return onNumbers("_-_", a, b, { ofInts: (x, y) => x - y, ofDoubles: (x, y) => x - y });
}
