import type { Quantity } from "../generated/types.ts";
import type { FieldError } from "../kind.ts";
import { invalidValue } from "./field-error.ts";
import { checkQualifiedName } from "./names.ts";
import { parseQuantity, QUANTITY_FORMAT_TEXT } from "./quantity.ts";

/** A list of resources: names that are qualified, amounts that are quantities and not negative. */
export function validateQuantities(
  quantities: Readonly<Record<string, Quantity>> | undefined,
  path: string,
): FieldError[] {
  return Object.entries(quantities ?? {}).flatMap(([name, value]) => {
    const field = `${path}[${name}]`;
    const errors = checkQualifiedName(name).map((text) => invalidValue(path, name, text));
    const quantity = parseQuantity(value);
    if (!quantity) return [...errors, invalidValue(field, value, QUANTITY_FORMAT_TEXT)];
    if (quantity.nanos < 0n) errors.push(invalidValue(field, value, "must be greater than or equal to 0"));
    return errors;
  });
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
