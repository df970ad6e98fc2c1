// What a loop goes over: lists and maps, by one variable or by two.

import { CelError, CelList, CelMap, type CelValue, typeNameOf } from "../values/values.ts";

const GO_NAMES: Readonly<Record<string, string>> = {
  bool: "types.Bool",
  int: "types.Int",
  uint: "types.Uint",
  double: "types.Double",
  string: "types.String",
  bytes: "types.Bytes",
  null_type: "types.Null",
  "google.protobuf.Timestamp": "types.Timestamp",
  "google.protobuf.Duration": "types.Duration",
  optional_type: "*types.Optional",
  type: "*types.Type",
};

function notIterable(value: CelValue): string {
  const name = typeNameOf(value);
  return GO_NAMES[name] ?? name;
}

/** A list's items, a map's keys. */
export function itemsOf(value: CelValue): Iterable<readonly [CelValue, CelValue]> | CelError {
  if (value instanceof CelList) return pairs(value, () => null);
  if (value instanceof CelMap) return pairs(value.keys(), () => null);
  return new CelError(`got '${notIterable(value)}', expected iterable type`);
}

/** Index and item, key and value. */
export function entriesOf(value: CelValue): Iterable<readonly [CelValue, CelValue]> | CelError {
  if (value instanceof CelMap) return pairs(value.keys(), (key) => value.get(key) ?? null);
  if (value instanceof CelList) return indexed(value);
  return new CelError(`unsupported comprehension range type: ${notIterable(value)}`);
}

function* pairs(
  keys: Iterable<CelValue>,
  valueAt: (key: CelValue) => CelValue,
): Iterable<readonly [CelValue, CelValue]> {
  for (const key of keys) yield [key, valueAt(key)];
}

function* indexed(list: CelList): Iterable<readonly [CelValue, CelValue]> {
  let index = 0n;
  for (const item of list) yield [index++, item];
}
