import type { TopologySpreadConstraint } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkQualifiedName } from "../../meta/names.ts";

const UNSATISFIABLE = ["DoNotSchedule", "ScheduleAnyway"];

export function validateSpread(constraints: readonly TopologySpreadConstraint[], path: string): FieldError[] {
  const seen = new Set<string>();
  return constraints.flatMap((constraint, i) => {
    const field = `${path}[${i}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint;
    const errors: FieldError[] = [];
    if (!(maxSkew > 0)) errors.push(invalidValue(`${field}.maxSkew`, maxSkew ?? 0, "must be greater than zero"));
    if (!topologyKey) errors.push(required(`${field}.topologyKey`, "can not be empty"));
    else {
      const texts = checkQualifiedName(topologyKey);
      errors.push(...texts.map((text) => invalidValue(`${field}.topologyKey`, topologyKey, text)));
    }
    if (!UNSATISFIABLE.includes(whenUnsatisfiable)) {
      errors.push(notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable ?? "", UNSATISFIABLE));
    }
    const identity = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(identity)) errors.push(duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, identity));
    seen.add(identity);
    if (labelSelector) errors.push(...validateLabelSelector(labelSelector, `${field}.labelSelector`));
    return errors;
  });
}
