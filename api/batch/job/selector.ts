// A job's pods are told apart by labels that the server makes from the job's name and UID, so that no two jobs ever take each
// other's pods. Each label has two names: the older has no prefix.

import type { Job } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, required } from "../../meta/field-error.ts";
import { selectsLabels } from "../../meta/label-selector.ts";
import { isUsableSelector } from "../../meta/label-selector-validation.ts";

export const JOB_UID_LABEL = "batch.kubernetes.io/controller-uid";
export const JOB_NAME_LABEL = "batch.kubernetes.io/job-name";
const LEGACY_JOB_UID_LABEL = "controller-uid";
const LEGACY_JOB_NAME_LABEL = "job-name";

function labelsOf({ metadata }: Job): Record<string, string> {
  const { name = "", uid = "" } = metadata;
  return {
    [LEGACY_JOB_UID_LABEL]: uid,
    [LEGACY_JOB_NAME_LABEL]: name,
    [JOB_UID_LABEL]: uid,
    [JOB_NAME_LABEL]: name,
  };
}

/** Leaves what the user wrote there; what contradicts is refused by validation. */
export function generateJobSelector(job: Job): void {
  const { spec } = job;
  if (spec.manualSelector === true) return;
  spec.template.metadata ??= {};
  const { labels } = spec.template.metadata;
  const generated = { ...labelsOf(job), ...labels };
  spec.template.metadata.labels = generated;
  const own = job.metadata.labels;
  if (own === undefined || own === labels || Object.keys(own).length === 0) job.metadata.labels = { ...generated };
  spec.selector ??= {};
  spec.selector.matchLabels = { [JOB_UID_LABEL]: job.metadata.uid ?? "", ...spec.selector.matchLabels };
}

export function validateGeneratedSelector(job: Job): FieldError[] {
  const { spec } = job;
  if (spec.manualSelector === true || !spec.selector) return [];
  const expected = labelsOf(job);
  const labels = spec.template?.metadata?.labels ?? {};
  const path = "spec.template.metadata.labels";
  const errors = Object.entries(expected).flatMap(([key, value]) => {
    if (!(key in labels)) return [required(`${path}[${key}]`, `must be '${value}'`)];
    return labels[key] === value ? [] : [invalidValue(`${path}[${key}]`, labels[key], `must be '${value}'`)];
  });
  if (isUsableSelector(spec.selector) && !selectsLabels(spec.selector, expected)) {
    errors.push(invalidValue("spec.selector", spec.selector, "`selector` not auto-generated"));
  }
  return errors;
}
