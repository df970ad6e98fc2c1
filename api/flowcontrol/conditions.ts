import type { FieldError } from "../kind.ts";
import { duplicate, required } from "../meta/field-error.ts";
import { repeatedPlaces } from "../meta/repeats.ts";

/** Each with a type, and each type once. */
export function validateConditions(conditions: readonly { readonly type?: string }[] | undefined): FieldError[] {
  const types = (conditions ?? []).map(({ type = "" }) => type);
  const repeated = repeatedPlaces(types);
  return types.flatMap((type, index) => {
    const field = `status.conditions[${index}].type`;
    const errors = repeated.has(index) ? [duplicate(field, type)] : [];
    return type ? errors : [...errors, required(field)];
  });
}
