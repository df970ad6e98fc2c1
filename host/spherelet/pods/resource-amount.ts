// Quantities of pods as plain numbers: what a host can give has fewer digits than a double holds.

import type { Quantity } from "@atoll/api/generated/types";
import { parseQuantity } from "@atoll/api/meta/quantity";

/** The amount in its base unit (cores, bytes); the API server has refused what is no quantity, which counts as 0 here. */
export function amountOf(quantity: Quantity | undefined): number {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed ? Number(parsed.nanos) / 1e9 : 0;
}

/** Thousandths, rounded up, as CPUs are counted. */
export function millisOf(quantity: Quantity | undefined): number {
  return Math.ceil(amountOf(quantity) * 1000);
}

/** Whole units, rounded up. */
export function bytesOf(quantity: Quantity | undefined): number {
  return Math.ceil(amountOf(quantity));
}
