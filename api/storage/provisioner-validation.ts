// What classes of storage say of the driver behind them: its name and the parameters it is handed.

import type { FieldError } from "../kind.ts";
import { invalidValue, required, tooLong } from "../meta/field-error.ts";
import { checkQualifiedName } from "../meta/names.ts";
import { utf8Length } from "../meta/object-meta.ts";
import { invalidTexts } from "../meta/value-validation.ts";

const PARAMETERS_MAX = 512;
/** Keys and values of all parameters together. */
const PARAMETERS_BYTES_MAX = 262_144;

export function validateProvisioner(name = "", field: string): FieldError[] {
  return name ? invalidTexts(field, name.toLowerCase(), checkQualifiedName(name.toLowerCase())) : [required(field)];
}

export function validateParameters(parameters: Readonly<Record<string, string>> = {}): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) return [tooLong("parameters", PARAMETERS_MAX)];
  const errors: FieldError[] = [];
  if ("" in parameters) errors.push(invalidValue("parameters", "", "field can not be empty."));
  const bytes = entries.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  if (bytes > PARAMETERS_BYTES_MAX) errors.push(tooLong("parameters", PARAMETERS_BYTES_MAX));
  return errors;
}
