// Lists: searched, summed up, cut, sorted; and lists as sets. Maps that grow in a loop are here too.

import { declare, type FunctionDeclaration, type Overload, overload } from "../check/function-declaration.ts";
import { contains } from "../evaluate/attribute.ts";
import { CostExceeded } from "../evaluate/evaluation.ts";
import { compare, equal } from "../values/equality.ts";
import { checkedInt, isUint64 } from "../values/numbers.ts";
import { showValue } from "../values/show.ts";
import { checkedDuration } from "../values/times.ts";
import {
  ArrayList,
  CelError,
  CelList,
  type CelMap,
  type CelValue,
  Duration,
  EntryMap,
  isError,
  keyOf,
  typeNameOf,
  Uint,
} from "../values/values.ts";

/** A longer list than this would cost more to make than any run may. */
const RANGE_MAX = 1_000_000n;

const COMPARABLE = ["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"];
const RUNTIME_NAMES: Readonly<Record<string, string>> = {
  duration: "google.protobuf.Duration",
  timestamp: "google.protobuf.Timestamp",
};

export const LISTS: readonly FunctionDeclaration[] = [
  declare(
    "isSorted",
    COMPARABLE.map((type) => overload(`list(${type}).() -> bool`, `list_${type}_is_sorted_bool`, isSorted)),
  ),
  declare("sum", [
    sumOverload("int", 0n),
    sumOverload("uint", new Uint(0n)),
    sumOverload("double", 0),
    sumOverload("duration", new Duration(0n)),
  ]),
  declare(
    "max",
    extremes("max", (order) => order < 0),
  ),
  declare(
    "min",
    extremes("min", (order) => order > 0),
  ),
  declare("indexOf", [overload("list(A).(A) -> int", "list_a_index_of_int", indexOf)]),
  declare("lastIndexOf", [overload("list(A).(A) -> int", "list_a_last_index_of_int", lastIndexOf)]),
  declare("slice", [overload("list(T).(int, int) -> list(T)", "list_slice", slice)]),
  declare(
    "flatten",
    [
      overload("list(list(T)).() -> list(T)", "list_flatten"),
      overload("list(dyn).(int) -> list(dyn)", "list_flatten_int"),
    ],
    (list = null, depth = 1n) => {
      const isSound = list instanceof CelList && typeof depth === "bigint";
      if (!isSound) return new CelError(`no such overload: ${typeNameOf(list)}.flatten()`);
      return depth < 0n ? new CelError("level must be non-negative") : new ArrayList(flatten(list, depth));
    },
  ),
  declare(
    "sort",
    COMPARABLE.map((type) => {
      const id = `list_${RUNTIME_NAMES[type] ?? type}_sort`;
      return overload(`list(${type}).() -> list(${type})`, id, (list: CelList) => sortBy(list, list));
    }),
  ),
  declare(
    "@sortByAssociatedKeys",
    COMPARABLE.map((type) => {
      const id = `list_${RUNTIME_NAMES[type] ?? type}_sortByAssociatedKeys`;
      return overload(`list(T).(list(${type})) -> list(T)`, id, sortBy);
    }),
  ),
  declare("lists.range", [
    overload("(int) -> list(int)", "lists_range", (length: bigint) => {
      if (length > RANGE_MAX) throw new CostExceeded();
      return new ArrayList(Array.from({ length: Number(length > 0n ? length : 0n) }, (_, index) => BigInt(index)));
    }),
  ]),
  declare("reverse", [
    overload("list(T).() -> list(T)", "list_reverse", (list: CelList) => new ArrayList([...list].reverse())),
  ]),
  declare("distinct", [overload("list(T).() -> list(T)", "list_distinct", distinct)]),
  declare("sets.contains", [overload("(list(T), list(T)) -> bool", "list_sets_contains_list", containsAll)]),
  declare("sets.equivalent", [
    overload("(list(T), list(T)) -> bool", "list_sets_equivalent_list", (a: CelList, b: CelList) => {
      const oneWay = containsAll(a, b);
      return oneWay === true ? containsAll(b, a) : oneWay;
    }),
  ]),
  declare("sets.intersects", [
    overload("(list(T), list(T)) -> bool", "list_sets_intersects_list", (a: CelList, b: CelList) => {
      return [...a].some((item) => contains(b, item) === true);
    }),
  ]),
  declare("cel.@mapInsert", [
    overload("(map(K, V), K, V) -> map(K, V)", "@mapInsert_map_key_value", insert),
    overload("(map(K, V), map(K, V)) -> map(K, V)", "@mapInsert_map_map", insertAll),
  ]),
];

function sumOverload(type: string, zero: CelValue): Overload {
  return overload(`list(${type}).() -> ${type}`, `list_${type}_sum_${type}`, (list: CelList) => {
    let total: CelValue = zero;
    for (const item of list) {
      total = plus(total, item);
      if (isError(total)) return total;
    }
    return total;
  });
}

function plus(a: CelValue, b: CelValue): CelValue {
  if (typeof a === "bigint" && typeof b === "bigint") return checkedInt(a + b);
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a instanceof Duration && b instanceof Duration) return checkedDuration(a.nanos + b.nanos);
  if (!(a instanceof Uint && b instanceof Uint)) return new CelError("no such overload");
  const sum = a.value + b.value;
  return isUint64(sum) ? new Uint(sum) : new CelError("unsigned integer overflow");
}

function extremes(name: string, isBetter: (order: number) => boolean): Overload[] {
  return COMPARABLE.map((type) =>
    overload(`list(${type}).() -> ${type}`, `list_${type}_${name}_${type}`, (list: CelList) => {
      let best: CelValue | undefined;
      for (const item of list) {
        if (isError(item)) return item;
        const order = best === undefined ? undefined : compare(best, item);
        if (best === undefined || (order !== undefined && isBetter(order))) best = item;
      }
      return best === undefined ? new CelError(`${name} called on empty list`) : best;
    }),
  );
}

function isSorted(list: CelList): boolean {
  let before: CelValue | undefined;
  for (const item of list) {
    if (before !== undefined && (compare(before, item) ?? 0) > 0) return false;
    before = item;
  }
  return true;
}

function indexOf(list: CelList, wanted: CelValue): bigint {
  for (let index = 0; index < list.size; index++) if (equal(list.at(index), wanted) === true) return BigInt(index);
  return -1n;
}

function lastIndexOf(list: CelList, wanted: CelValue): bigint {
  for (let index = list.size - 1; index >= 0; index--) if (equal(list.at(index), wanted) === true) return BigInt(index);
  return -1n;
}

function slice(list: CelList, start: bigint, end: bigint): CelValue {
  const what = `cannot slice(${start}, ${end})`;
  if (start < 0n || end < 0n) return new CelError(`${what}, negative indexes not supported`);
  if (start > end) return new CelError(`${what}, start index must be less than or equal to end index`);
  if (BigInt(list.size) < end) return new CelError(`${what}, list is length ${list.size}`);
  return new ArrayList([...list].slice(Number(start), Number(end)));
}

function flatten(list: CelList, depth: bigint): CelValue[] {
  return [...list].flatMap((item) => (item instanceof CelList && depth > 0n ? flatten(item, depth - 1n) : [item]));
}

function sortBy(list: CelList, keys: CelList): CelValue {
  if (list.size !== keys.size) {
    const sizes = `${list.size} and ${keys.size} elements respectively`;
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${sizes}`,
    );
  }
  const pairs = [...keys].map((key, index) => ({ key, item: list.at(index) }));
  const type = pairs[0] && typeNameOf(pairs[0].key);
  if (pairs.some(({ key }) => typeNameOf(key) !== type)) return new CelError("list elements must have the same type");
  pairs.sort((a, b) => compare(a.key, b.key) ?? 0);
  return new ArrayList(pairs.map(({ item }) => item));
}

function distinct(list: CelList): CelValue {
  const unique: CelValue[] = [];
  for (const item of list) if (!unique.some((other) => equal(item, other) === true)) unique.push(item);
  return new ArrayList(unique);
}

function containsAll(list: CelList, items: CelList): boolean | CelError {
  for (const item of items) {
    const found = contains(list, item);
    if (found !== true) return found;
  }
  return true;
}

/** Only loops call it, on the map they collect into: it grows in place. */
function insert(map: CelMap, key: CelValue, value: CelValue): CelValue {
  const place = keyOf(key);
  if (place === undefined) return new CelError(`unsupported key type: ${typeNameOf(key)}`);
  if (map.get(key) !== undefined) return new CelError(`insert failed: key ${showValue(key)} already exists`);
  if (!(map instanceof EntryMap)) return new CelError("no such overload");
  map.entries.set(place, [key, value]);
  return map;
}

function insertAll(map: CelMap, added: CelMap): CelValue {
  for (const key of added.keys()) {
    const grown = insert(map, key, added.get(key) ?? null);
    if (isError(grown)) return grown;
  }
  return map;
}
