// Match conditions, which webhooks and policies share.

import type { MatchCondition } from "../generated/types.ts";
import type { FaultsAt, FieldError } from "../kind.ts";
import { duplicate, required, tooMany } from "../meta/field-error.ts";
import { checkQualifiedName } from "../meta/names.ts";
import { invalidTexts } from "../meta/value-validation.ts";

export const MATCH_CONDITIONS_MAX = 64;

export function validateMatchConditions(
  conditions: readonly MatchCondition[],
  path: string,
  faultsAt: FaultsAt,
): FieldError[] {
  const errors: FieldError[] = [];
  if (conditions.length > MATCH_CONDITIONS_MAX) errors.push(tooMany(path, conditions.length, MATCH_CONDITIONS_MAX));
  const names = new Set<string>();
  for (const [index, { name, expression }] of conditions.entries()) {
    const place = `${path}[${index}]`;
    if (expression.trim() === "") errors.push(required(`${place}.expression`));
    else errors.push(...faultsAt(`${place}.expression`));
    if (name === "") errors.push(required(`${place}.name`));
    else errors.push(...invalidTexts(`${place}.name`, name, checkQualifiedName(name)));
    if (names.has(name)) errors.push(duplicate(`${place}.name`, name));
    if (name !== "") names.add(name);
  }
  return errors;
}
