import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, required } from "../../meta/field-error.ts";
import { checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

export interface TermOptions {
  /** Whether values must be such as labels can have. */
  readonly checksValues: boolean;
}

export function validateNodeSelector({ nodeSelectorTerms: terms = [] }: NodeSelector, path: string): FieldError[] {
  if (terms.length === 0) {
    return [required(`${path}.nodeSelectorTerms`, "must have at least one node selector term")];
  }
  return terms.flatMap((term, i) =>
    validateNodeSelectorTerm(term, `${path}.nodeSelectorTerms[${i}]`, { checksValues: true }),
  );
}

export function validateNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  path: string,
  { checksValues }: TermOptions,
): FieldError[] {
  return [
    ...matchExpressions.flatMap(({ key = "", operator = "", values = [] }: Partial<NodeSelectorRequirement>, i) => {
      const field = `${path}.matchExpressions[${i}]`;
      return [
        ...validateOperator(operator, values, field),
        ...invalidTexts(`${field}.key`, key, checkQualifiedName(key)),
        ...(checksValues ? values : []).flatMap((value, j) =>
          invalidTexts(`${field}.values[${j}]`, value, checkLabelValue(value)),
        ),
      ];
    }),
    ...matchFields.flatMap((match, i) => validateFieldMatch(match, `${path}.matchFields[${i}]`)),
  ];
}

function validateOperator(operator: string, values: readonly string[], path: string): FieldError[] {
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
function validateFieldMatch(
  { key = "", operator = "", values = [] }: Partial<NodeSelectorRequirement>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn") {
    errors.push(invalidValue(`${path}.operator`, operator, "not a valid selector operator"));
  } else if (values.length !== 1) {
    const text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, text));
  }
  if (key !== "metadata.name") return [...errors, invalidValue(`${path}.key`, key, "not a valid field selector key")];
  return [
    ...errors,
    ...values.flatMap((value, i) => invalidTexts(`${path}.values[${i}]`, value, checkDns1123Subdomain(value))),
  ];
}
