// What a job's status may not say or take back: other controllers act on its end, so an end is final and whole.

import type { Job, JobStatus } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { IMMUTABLE_FIELD, invalidRule, invalidValue, required } from "../../meta/field-error.ts";
import { validateNotNegative } from "../../meta/value-validation.ts";
import { parseIndexes } from "./indexes.ts";

const CONDITIONS = "status.conditions";

export function validateJobStatusUpdate(job: Job, old: Job): FieldError[] {
  const status = job.status ?? {};
  const oldStatus = old.status ?? {};
  const errors = [...validateCounts(status), ...validateEnd(job, status), ...validateIndexes(job, status)];
  for (const type of ["Failed", "Complete", "FailureTarget"]) {
    if (has(oldStatus, type) && !has(status, type)) {
      errors.push(invalidRule(CONDITIONS, `cannot disable the terminal ${type}=True condition`));
    }
  }
  for (const counter of ["failed", "succeeded"] as const) {
    if ((status[counter] ?? 0) < (oldStatus[counter] ?? 0)) {
      errors.push(invalidValue(`status.${counter}`, status[counter] ?? 0, `cannot decrease the ${counter} counter`));
    }
  }
  if (status.completionTime && oldStatus.completionTime && status.completionTime !== oldStatus.completionTime) {
    errors.push(invalidValue("status.completionTime", status.completionTime, IMMUTABLE_FIELD));
  }
  if (oldStatus.startTime && oldStatus.startTime !== status.startTime && job.spec.suspend !== true) {
    const text = "field is immutable for unsuspended job once set";
    errors.push(invalidValue("status.startTime", status.startTime ?? null, text));
  }
  if (has(oldStatus, "SuccessCriteriaMet") && !has(status, "SuccessCriteriaMet")) {
    errors.push(invalidRule(CONDITIONS, "cannot disable the SuccessCriteriaMet=True condition"));
  }
  return errors;
}

function has(status: JobStatus, type: string): boolean {
  return status.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
}

function validateCounts(status: JobStatus): FieldError[] {
  const errors = (["active", "succeeded", "failed", "ready", "terminating"] as const).flatMap((counter) =>
    validateNotNegative(status[counter], `status.${counter}`),
  );
  if ((status.ready ?? 0) > (status.active ?? 0)) {
    errors.push(invalidValue("status.ready", status.ready, "cannot set more ready pods than active"));
  }
  return errors;
}

/** Pairs of conditions that contradict each other. */
const EXCLUSIVE: readonly (readonly [string, string, string])[] = [
  ["Complete", "Failed", "cannot set Complete=True and Failed=true conditions"],
  ["Complete", "FailureTarget", "cannot set Complete=True and FailureTarget=true conditions"],
  ["SuccessCriteriaMet", "Failed", "cannot set SuccessCriteriaMet=True and Failed=true conditions"],
  ["SuccessCriteriaMet", "FailureTarget", "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"],
];

function validateEnd({ spec }: Job, status: JobStatus): FieldError[] {
  const errors = EXCLUSIVE.filter(([one, other]) => has(status, one) && has(status, other)).map(([, , text]) =>
    invalidRule(CONDITIONS, text),
  );
  const isComplete = has(status, "Complete");
  const isFailed = has(status, "Failed");
  const { startTime, completionTime } = status;
  const timeField = "status.completionTime";
  if (completionTime && !isComplete) {
    const text = "cannot set completionTime when there is no Complete=True condition";
    errors.push(invalidValue(timeField, completionTime, text));
  }
  if (isComplete && !completionTime) errors.push(required(timeField, "completionTime is required for Complete jobs"));
  if (startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime)) {
    errors.push(invalidValue(timeField, completionTime, "must be equal to or after `startTime`"));
  }
  if (isFailed && !has(status, "FailureTarget")) {
    const text = "cannot set Failed=True condition without the FailureTarget=true condition";
    errors.push(invalidRule(CONDITIONS, text));
  }
  if (isComplete && !has(status, "SuccessCriteriaMet")) {
    const text = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition";
    errors.push(invalidRule(CONDITIONS, text));
    if (spec.successPolicy) {
      const policyText = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True";
      errors.push(invalidRule(CONDITIONS, policyText));
    }
  }
  return isComplete || isFailed ? [...errors, ...validateFinished(status)] : errors;
}

/** Nothing of a finished job is under way any more. */
function validateFinished(status: JobStatus): FieldError[] {
  const errors: FieldError[] = [];
  if ((status.active ?? 0) > 0) {
    errors.push(invalidValue("status.active", status.active, "active>0 is invalid for finished job"));
  }
  if (!status.startTime) errors.push(required("status.startTime", "startTime is required for finished job"));
  const uncounted = status.uncountedTerminatedPods;
  if ((uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0) > 0) {
    errors.push(invalidValue("status.uncountedTerminatedPods", uncounted, "must be empty for finished job"));
  }
  if ((status.terminating ?? 0) > 0) {
    errors.push(invalidValue("status.terminating", status.terminating, "terminating>0 is invalid for finished job"));
  }
  return errors;
}

function validateIndexes({ spec }: Job, status: JobStatus): FieldError[] {
  const errors: FieldError[] = [];
  const { completedIndexes = "", failedIndexes } = status;
  if (completedIndexes !== "" && spec.completionMode !== "Indexed") {
    const text = "cannot set non-empty completedIndexes when non-indexed completion mode";
    errors.push(invalidValue("status.completedIndexes", completedIndexes, text));
  }
  if (failedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    const text = "cannot set non-null failedIndexes when backoffLimitPerIndex is null";
    errors.push(invalidValue("status.failedIndexes", failedIndexes, text));
  }
  if (spec.completions === undefined) return errors;
  for (const [field, value] of Object.entries({ completedIndexes, failedIndexes: failedIndexes ?? "" })) {
    const result = parseIndexes(value, spec.completions);
    if ("error" in result) {
      errors.push(invalidValue(`status.${field}`, value, `error parsing ${field}: ${result.error}`));
    }
  }
  return errors;
}
