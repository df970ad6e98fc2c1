// The checks of conditions in their common form (metav1.Condition), which newer kinds have in their status.

import type { FieldError } from "../kind.ts";
import { duplicate, invalidValue, notSupported, required, tooLong } from "./field-error.ts";
import { checkQualifiedName } from "./names.ts";
import { invalidTexts } from "./value-validation.ts";
import { repeatedPlaces } from "./repeats.ts";

const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_CHARACTERS_MAX = 1024;
const MESSAGE_CHARACTERS_MAX = 32_768;
const STATUSES = ["False", "True", "Unknown"];

interface CommonCondition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

export function validateConditions(conditions: readonly CommonCondition[] | undefined, path: string): FieldError[] {
  const repeated = repeatedPlaces((conditions ?? []).map(({ type }) => type));
  return (conditions ?? []).flatMap((condition, i) => [
    ...(repeated.has(i) ? [duplicate(`${path}[${i}].type`, condition.type)] : []),
    ...validateCondition(condition, `${path}[${i}]`),
  ]);
}

function validateCondition(condition: CommonCondition, path: string): FieldError[] {
  const { type = "", status, observedGeneration, lastTransitionTime, reason = "", message = "" } = condition;
  const errors = invalidTexts(`${path}.type`, type, checkQualifiedName(type));
  if (!STATUSES.includes(status)) errors.push(notSupported(`${path}.status`, status, STATUSES));
  if (observedGeneration !== undefined && observedGeneration < 0) {
    const text = "must be greater than or equal to zero";
    errors.push(invalidValue(`${path}.observedGeneration`, observedGeneration, text));
  }
  if (!lastTransitionTime) errors.push(required(`${path}.lastTransitionTime`));
  if (reason === "") errors.push(required(`${path}.reason`));
  else if (!REASON.test(reason)) {
    const text =
      "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
    const example = `(e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${REASON.source.slice(1, -1)}')`;
    errors.push(invalidValue(`${path}.reason`, reason, `${text} ${example}`));
  }
  if (reason.length > REASON_CHARACTERS_MAX) errors.push(tooLong(`${path}.reason`, REASON_CHARACTERS_MAX));
  if (message.length > MESSAGE_CHARACTERS_MAX) errors.push(tooLong(`${path}.message`, MESSAGE_CHARACTERS_MAX));
  return errors;
}
