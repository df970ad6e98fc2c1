// Quantities: quantity("500m").isLessThan(quantity("1Gi")).

import { parseQuantity, type Quantity as Amount, QUANTITY_FORMAT_TEXT } from "@atoll/api/meta/quantity";
import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { isInt64 } from "../values/numbers.ts";
import { CelError, type CelValue, Opaque } from "../values/values.ts";

const TYPE = "kubernetes.Quantity";
const NANOS = 1_000_000_000n;

class Quantity extends Opaque {
  readonly typeName = TYPE;
  readonly amount: Amount;
  /** Upstream tells whole numbers by how they are written: "1000m" and "1.5Gi" are none. */
  readonly isWhole: boolean;

  constructor(amount: Amount, isWhole: boolean) {
    super();
    this.amount = amount;
    this.isWhole = isWhole;
  }

  get nanos(): bigint {
    return this.amount.nanos;
  }

  equals(other: Opaque): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
  }
}

const Q = TYPE;
const WHOLE = /^[+-]?\d+(?:[kMGTPE]i?|[eE]\+?\d+)?$/;

export const QUANTITIES: readonly FunctionDeclaration[] = [
  declare("quantity", [
    overload(`(string) -> ${Q}`, "string_to_quantity", (text: string) => {
      const amount = parseQuantity(text);
      return amount ? new Quantity(amount, WHOLE.test(text)) : new CelError(QUANTITY_FORMAT_TEXT);
    }),
  ]),
  declare("isQuantity", [
    overload("(string) -> bool", "is_quantity_string", (text: string) => parseQuantity(text) !== undefined),
  ]),
  declare("sign", [overload(`(${Q}) -> int`, "quantity_sign", (value: Quantity) => order(value.nanos, 0n))]),
  declare("isGreaterThan", [
    overload(`${Q}.(${Q}) -> bool`, "quantity_is_greater_than", (a: Quantity, b: Quantity) => a.nanos > b.nanos),
  ]),
  declare("isLessThan", [
    overload(`${Q}.(${Q}) -> bool`, "quantity_is_less_than", (a: Quantity, b: Quantity) => a.nanos < b.nanos),
  ]),
  declare("compareTo", [
    overload(`${Q}.(${Q}) -> int`, "quantity_compare_to", (a: Quantity, b: Quantity) => order(a.nanos, b.nanos)),
  ]),
  declare("asApproximateFloat", [
    overload(`${Q}.() -> double`, "quantity_get_float", ({ nanos }: Quantity) => {
      return Number(nanos / NANOS) + Number(nanos % NANOS) / 1e9;
    }),
  ]),
  declare("asInteger", [
    overload(`${Q}.() -> int`, "quantity_get_int", (value: Quantity): CelValue => {
      return isInteger(value) ? value.nanos / NANOS : new CelError("cannot convert value to integer");
    }),
  ]),
  declare("isInteger", [overload(`${Q}.() -> bool`, "quantity_is_integer", isInteger)]),
  declare("add", [
    overload(`${Q}.(${Q}) -> ${Q}`, "quantity_add", (a: Quantity, b: Quantity) => plus(a, b.nanos, b.isWhole)),
    overload(`${Q}.(int) -> ${Q}`, "quantity_add_int", (a: Quantity, b: bigint) => plus(a, b * NANOS, true)),
  ]),
  declare("sub", [
    overload(`${Q}.(${Q}) -> ${Q}`, "quantity_sub", (a: Quantity, b: Quantity) => plus(a, -b.nanos, b.isWhole)),
    overload(`${Q}.(int) -> ${Q}`, "quantity_sub_int", (a: Quantity, b: bigint) => plus(a, -b * NANOS, true)),
  ]),
];

function order(a: bigint, b: bigint): bigint {
  return a < b ? -1n : a > b ? 1n : 0n;
}

function isInteger({ nanos, isWhole }: Quantity): boolean {
  return isWhole && nanos % NANOS === 0n && isInt64(nanos / NANOS);
}

function plus(value: Quantity, nanos: bigint, isWhole: boolean): Quantity {
  return new Quantity({ ...value.amount, nanos: value.nanos + nanos }, value.isWhole && isWhole);
}
