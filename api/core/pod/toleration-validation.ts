import type { Toleration } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkLabelValue, checkQualifiedName } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const OPERATORS = ["Equal", "Exists"];
/** Known, but only where comparing is switched on. */
const COMPARING_OPERATORS = ["Lt", "Gt"];

export function validateTolerations(tolerations: readonly Toleration[], path: string): FieldError[] {
  return checkEach(tolerations, (toleration, i) => {
    const field = `${path}[${i}]`;
    const { key, operator = "", effect = "", tolerationSeconds } = toleration;
    const errors: FieldError[] = [];
    if (key) errors.push(...invalidTexts(`${field}.key`, key, checkQualifiedName(key)));
    else if (operator !== "Exists") {
      const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalidValue(`${field}.operator`, operator, text));
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute") {
      errors.push(
        invalidValue(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    }
    errors.push(...validateOperator(toleration, `${field}.operator`));
    if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, EFFECTS));
    return errors;
  });
}

function validateOperator({ operator = "", value = "" }: Toleration, field: string): FieldError[] {
  if (operator === "" || operator === "Equal") {
    const texts = checkLabelValue(value);
    return texts.length === 0 ? [] : [invalidValue(field, value, texts.join(";"))];
  }
  if (operator === "Exists") {
    return value === "" ? [] : [invalidValue(field, value, "value must be empty when `operator` is 'Exists'")];
  }
  const isComparing = COMPARING_OPERATORS.includes(operator);
  return [notSupported(field, operator, isComparing ? [...OPERATORS, ...COMPARING_OPERATORS] : OPERATORS)];
}
