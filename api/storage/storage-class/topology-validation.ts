import type { TopologySelectorTerm } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, required } from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { NODE_LABEL_WARNINGS } from "../../meta/node-labels.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

/** Where volumes of a class may be made; no two terms may say the same. */
export function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  const repeated = repeatedPlaces(terms.map(valuesByKey));
  return terms.flatMap((term, i) => {
    const path = `allowedTopologies[${i}].matchLabelExpressions`;
    const errors = validateTerm(term, path);
    // A term that says nothing counts as one that has been said before.
    const isEmpty = !term.matchLabelExpressions?.length;
    const isRepeated = isEmpty || repeated.has(i);
    return isRepeated ? [...errors, duplicate(path, "")] : errors;
  });
}

function validateTerm({ matchLabelExpressions = [] }: TopologySelectorTerm, path: string): FieldError[] {
  const repeatedKeys = repeatedPlaces(matchLabelExpressions.map(({ key }) => key));
  return matchLabelExpressions.flatMap(({ key, values = [] }, i) => {
    const field = `${path}[${i}]`;
    const errors: FieldError[] = values.length === 0 ? [required(`${field}.values`)] : [];
    for (const j of repeatedPlaces(values)) {
      const value = values[j];
      errors.push(duplicate(`${field}.values[${j}]`, value));
    }
    errors.push(...invalidTexts(`${field}.key`, key, checkQualifiedName(key)));
    if (repeatedKeys.has(i)) errors.push(duplicate(`${field}.key`, key));
    return errors;
  });
}

function valuesByKey({ matchLabelExpressions = [] }: TopologySelectorTerm): Record<string, string[]> {
  return Object.fromEntries(matchLabelExpressions.map(({ key, values = [] }) => [key, [...values].sort()]));
}

export function topologyWarnings(terms: readonly TopologySelectorTerm[]): string[] {
  return terms.flatMap(({ matchLabelExpressions = [] }, i) =>
    matchLabelExpressions.flatMap(({ key }, j) => {
      const text = NODE_LABEL_WARNINGS[key];
      return text === undefined ? [] : [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${text}`];
    }),
  );
}
