import type { FieldError } from "../kind.ts";
import { forbidden, invalidValue, required } from "./field-error.ts";
import { checkLabelValue, checkQualifiedName } from "./names.ts";
import { validateLabels } from "./object-meta.ts";
import type { LabelSelector, LabelSelectorRequirement } from "./types.ts";

/** Whether it can be asked what it selects: one with mistakes selects nothing in particular. */
export function isUsableSelector(selector: LabelSelector): boolean {
  return validateLabelSelector(selector, "").length === 0;
}

export function validateLabelSelector(selector: LabelSelector, path: string): FieldError[] {
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((expression, i) =>
      validateExpression(expression, `${path}.matchExpressions[${i}]`),
    ),
  ];
}

function validateExpression(
  { key = "", operator, values }: Partial<LabelSelectorRequirement>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  switch (operator) {
    case "In":
    case "NotIn":
      if (!values?.length)
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values?.length) {
        const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbidden(`${path}.values`, text));
      }
      break;
    default:
      errors.push(invalidValue(`${path}.operator`, operator ?? "", "not a valid selector operator"));
  }
  errors.push(...checkQualifiedName(key).map((text) => invalidValue(`${path}.key`, key, text)));
  const valueErrors = (values ?? []).flatMap((value, i) =>
    checkLabelValue(value).map((text) => invalidValue(`${path}.values[${i}]`, value, text)),
  );
  return [...errors, ...valueErrors];
}
