import type { Node, Taint } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkLabelValue, checkQualifiedName } from "../../meta/names.ts";
import { validateQuantities } from "../../meta/quantity-validation.ts";

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function validateNode(node: Node): FieldError[] {
  return [
    ...validateTaints(node.spec?.taints ?? []),
    ...validateQuantities(node.status?.capacity, "status.capacity"),
    ...validateQuantities(node.status?.allocatable, "status.allocatable"),
  ];
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = validateNode(node);
  if (old.spec.providerID && node.spec.providerID !== old.spec.providerID) {
    errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  }
  if (old.spec.podCIDR && node.spec.podCIDR !== old.spec.podCIDR) {
    errors.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  }
  return errors;
}

function validateTaints(taints: readonly Taint[]): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, i) => {
    const path = `spec.taints[${i}]`;
    const errors = checkQualifiedName(taint.key).map((text) => invalidValue(`${path}.key`, taint.key, text));
    errors.push(...checkLabelValue(taint.value ?? "").map((text) => invalidValue(`${path}.value`, taint.value, text)));
    if (!taint.effect) errors.push(required(`${path}.effect`));
    else if (!TAINT_EFFECTS.includes(taint.effect)) {
      errors.push(notSupported(`${path}.effect`, taint.effect, TAINT_EFFECTS));
    }
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) errors.push(duplicate(path, taint));
    seen.add(identity);
    return errors;
  });
}
