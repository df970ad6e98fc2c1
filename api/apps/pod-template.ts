// What workloads have in common through their pod template.

import type { PodTemplateSpec } from "../generated/types.ts";
import type { FieldError, PrinterColumn } from "../kind.ts";
import { textColumn } from "../meta/columns.ts";
import { forbidden, invalidValue, notSupported, required } from "../meta/field-error.ts";
import { requirementsOf, selectsLabels } from "../meta/label-selector.ts";
import { isUsableSelector, validateLabelSelector } from "../meta/label-selector-validation.ts";
import { shownField } from "../meta/said-empty.ts";
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

/** Selector and template of a workload that counts its pods. */
export function validateSelectorAndTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
): FieldError[] {
  // A ReplicaSet is called by what it is usually part of.
  const errors = validateSelector(selector, "deployment");
  if (selector && !isUsableSelector(selector)) {
    return [...errors, invalidValue("spec.selector", selector, "invalid label selector")];
  }
  return [
    ...errors,
    ...validateMatch(selector, template),
    ...validatePodTemplate(template, "spec.template"),
    ...validateEndlessness(template, "ReplicaSet"),
  ];
}

export function validateSelector(selector: LabelSelector | undefined, noun: string): FieldError[] {
  if (!selector) return [required("spec.selector")];
  return [...validateLabelSelector(selector, "spec.selector"), ...validateNotEmpty(selector, noun)];
}

export function validateNotEmpty(selector: LabelSelector, noun: string): FieldError[] {
  if (requirementsOf(selector).length > 0) return [];
  return [invalidValue("spec.selector", selector, `empty selector is invalid for ${noun}`)];
}

/** Of a selector that can be used. Without one nothing matches, and an empty one matches everything. */
export function validateMatch(selector: LabelSelector | undefined, { metadata }: PodTemplateSpec): FieldError[] {
  if (selectsLabels(selector, metadata?.labels)) return [];
  const text = "`selector` does not match template `labels`";
  return [invalidValue("spec.template.metadata.labels", shownField(metadata, "labels"), text)];
}

/** The pods are started again however they end. */
export function validateEndlessness({ spec }: PodTemplateSpec, noun: string): FieldError[] {
  const path = "spec.template.spec";
  const errors: FieldError[] = [];
  if (spec?.restartPolicy !== "Always") {
    errors.push(notSupported(`${path}.restartPolicy`, spec?.restartPolicy ?? "", ["Always"]));
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    errors.push(forbidden(`${path}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${noun} is not Supported`));
  }
  return errors;
}
