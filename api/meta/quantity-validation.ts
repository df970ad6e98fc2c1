import type { Quantity } from "../generated/types.ts";
import type { FieldError } from "../kind.ts";
import { invalidValue } from "./field-error.ts";
import { parseQuantity, QUANTITY_FORMAT_TEXT, toUnits, ZERO_QUANTITY } from "./quantity.ts";
import { isCounted } from "./resource-names.ts";

/** An amount of a resource: not negative, and whole where the resource is counted. */
export function validateAmount(name: string, value: Quantity, field: string): FieldError[] {
  const errors = validateQuantity(value, field);
  const quantity = parseQuantity(value);
  // Smaller fractions than thousandths are rounded away before they are looked at.
  const isWhole = !quantity || roundUp(quantity.nanos, NANOS_PER_MILLI) % NANOS_PER_UNIT === 0n;
  return isWhole || !isCounted(name) ? errors : [...errors, invalidValue(field, value, "must be an integer")];
}

const NANOS_PER_UNIT = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;

function roundUp(value: bigint, step: bigint): bigint {
  const rest = value % step;
  return rest > 0n ? value - rest + step : value - rest;
}

/** In whole units, as upstream shows it here, not negative. */
export function validateUnits(value: Quantity, field: string): FieldError[] {
  const units = toUnits(parseQuantity(value) ?? ZERO_QUANTITY);
  return units < 0n ? [invalidValue(field, Number(units), "must be a valid resource quantity")] : [];
}

/** One amount that must be more than nothing. */
export function validatePositiveQuantity(value: Quantity, field: string): FieldError[] {
  const quantity = parseQuantity(value);
  if (!quantity) return [invalidValue(field, value, QUANTITY_FORMAT_TEXT)];
  return quantity.nanos > 0n ? [] : [invalidValue(field, value, "must be greater than zero")];
}

/** One amount that is not negative. */
export function validateQuantity(value: Quantity, field: string): FieldError[] {
  const quantity = parseQuantity(value);
  if (!quantity) return [invalidValue(field, value, QUANTITY_FORMAT_TEXT)];
  return quantity.nanos >= 0n ? [] : [invalidValue(field, value, "must be greater than or equal to 0")];
}
