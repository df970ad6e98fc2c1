// What workloads have in common through their pod template.

import type { PodTemplateSpec } from "../generated/types.ts";
import type { FieldError, PrinterColumn } from "../kind.ts";
import { textColumn } from "../meta/columns.ts";
import { forbidden, invalidValue, notSupported, required } from "../meta/field-error.ts";
import { requirementsOf, selectsLabels } from "../meta/label-selector.ts";
import { validateLabelSelector } from "../meta/label-selector-validation.ts";
import type { LabelSelector } from "../meta/types.ts";
import { validatePodTemplate } from "../core/pod/validation.ts";

export const templateColumns: readonly PrinterColumn[] = [
  textColumn("Containers", "Names of the template's containers.", 1),
  textColumn("Images", "Images of the template's containers.", 1),
  textColumn("Selector", "Labels that the workload's pods have.", 1),
];

export function templateNames(template: PodTemplateSpec | undefined): string {
  return (template?.spec?.containers ?? []).map((container) => container.name).join(",");
}

export function templateImages(template: PodTemplateSpec | undefined): string {
  return (template?.spec?.containers ?? []).map((container) => container.image ?? "").join(",");
}

/** Selector and template of a workload whose pods run for ever. `noun` is the workload's, as the errors call it. */
export function validateSelectorAndTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  noun: "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet",
): FieldError[] {
  const errors: FieldError[] = [];
  if (!selector) errors.push(required("spec.selector"));
  else {
    errors.push(...validateLabelSelector(selector, "spec.selector"));
    if (requirementsOf(selector).length === 0) {
      // A ReplicaSet is called by what it is usually part of.
      const name = noun === "ReplicaSet" ? "deployment" : noun.toLowerCase();
      errors.push(invalidValue("spec.selector", selector, `empty selector is invalid for ${name}`));
    }
  }
  if (!template) return [...errors, required("spec.template")];
  const labels = template.metadata?.labels;
  if (selector && requirementsOf(selector).length > 0 && !selectsLabels(selector, labels)) {
    errors.push(
      invalidValue("spec.template.metadata.labels", labels ?? null, "`selector` does not match template `labels`"),
    );
  }
  errors.push(...validatePodTemplate(template, "spec.template"));
  const restartPolicy = template.spec?.restartPolicy;
  if (restartPolicy !== undefined && restartPolicy !== "Always") {
    errors.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const text = `activeDeadlineSeconds in ${noun} is not Supported`;
    errors.push(forbidden("spec.template.spec.activeDeadlineSeconds", text));
  }
  return errors;
}
