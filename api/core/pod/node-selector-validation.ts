import type { NodeSelector, NodeSelectorRequirement } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, required } from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

export function validateNodeSelector({ nodeSelectorTerms: terms = [] }: NodeSelector, path: string): FieldError[] {
  if (terms.length === 0) {
    return [required(`${path}.nodeSelectorTerms`, "must have at least one node selector term")];
  }
  return terms.flatMap((term, i) => {
    const field = `${path}.nodeSelectorTerms[${i}]`;
    return [
      ...(term.matchExpressions ?? []).flatMap((expression, j) => [
        ...validateRequirement(expression, `${field}.matchExpressions[${j}]`),
        ...invalidTexts(`${field}.matchExpressions[${j}].key`, expression.key, checkQualifiedName(expression.key)),
      ]),
      ...(term.matchFields ?? []).flatMap((match, j) => validateFieldMatch(match, `${field}.matchFields[${j}]`)),
    ];
  });
}

function validateRequirement({ operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length > 0) return [];
      return [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return [];
      return [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case "Gt":
    case "Lt":
      if (values.length === 1) return [];
      return [required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalidValue(`${path}.operator`, operator, "not a valid selector operator")];
  }
}

/** Only a host's name can be matched as a field. */
function validateFieldMatch({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn") {
    errors.push(invalidValue(`${path}.operator`, operator, "not a valid selector operator"));
  } else if (values.length !== 1) {
    const text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, text));
  }
  if (key !== "metadata.name") errors.push(invalidValue(`${path}.key`, key, "not a valid field selector key"));
  return errors;
}
