// Values that may not be there. `or` and `orValue` only work out their other side where it is needed: the plan does them.

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { ArrayList, CelError, CelList, CelMap, type CelValue, Duration, Optional, Uint } from "../values/values.ts";

export const OPTIONALS: readonly FunctionDeclaration[] = [
  declare("optional.of", [overload("(V) -> optional(V)", "optional_of", (value: CelValue) => new Optional(value))]),
  declare("optional.ofNonZeroValue", [
    overload("(V) -> optional(V)", "optional_ofNonZeroValue", (value: CelValue) => {
      return isZero(value) ? Optional.none : new Optional(value);
    }),
  ]),
  declare("optional.none", [overload("() -> optional(V)", "optional_none", () => Optional.none)]),
  declare("optional.unwrap", [overload("(list(optional(V))) -> list(V)", "optional_unwrap", unwrapAll)]),
  declare("unwrapOpt", [overload("list(optional(V)).() -> list(V)", "optional_unwrapOpt", unwrapAll)]),
  declare("value", [
    overload("optional(V).() -> V", "optional_value", ({ value }: Optional) => {
      return value === undefined ? new CelError("optional.none() dereference") : value;
    }),
  ]),
  declare("hasValue", [
    overload("optional(V).() -> bool", "optional_hasValue", ({ value }: Optional) => value !== undefined),
  ]),
  declare("or", [overload("optional(V).(optional(V)) -> optional(V)", "optional_or_optional")]),
  declare("orValue", [overload("optional(V).(V) -> V", "optional_orValue_value")]),
  declare("first", [overload("list(V).() -> optional(V)", "list_first", (list: CelList) => itemAt(list, 0))]),
  declare("last", [overload("list(V).() -> optional(V)", "list_last", (list: CelList) => itemAt(list, list.size - 1))]),
];

function itemAt(list: CelList, index: number): Optional {
  return list.size === 0 ? Optional.none : new Optional(list.at(index));
}

function unwrapAll(list: CelList): CelValue {
  const present: CelValue[] = [];
  for (const item of list) if (item instanceof Optional && item.value !== undefined) present.push(item.value);
  return new ArrayList(present);
}

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === "" || value === 0 || value === 0n) return true;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  return value instanceof Optional && value.value === undefined;
}
