import { applyPodTemplateDefaults } from "../../core/pod/defaults.ts";
import type { Job, JobSpec } from "../../generated/types.ts";

/** Failures before a job gives up; with a limit per index, that one decides instead. */
const BACKOFF_LIMIT = 6;
const NO_BACKOFF_LIMIT = 2_147_483_647;

export function applyJobDefaults(job: Job): void {
  const { spec, metadata } = job;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : NO_BACKOFF_LIMIT;
  // The very labels of the template: what a new job is given there, it has itself, too.
  const labels = spec.template?.metadata?.labels;
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed";
  spec.manualSelector ??= false;
  applyJobTemplateDefaults(spec);
}

/** What a job inside a CronJob gets already there. */
export function applyJobTemplateDefaults(spec: JobSpec): void {
  applyPodTemplateDefaults(spec.template);
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= "True";
  }
}
