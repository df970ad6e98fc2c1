// What a job's status may not say or take back: other controllers act on its end, so an end is final and whole. A rule looks only
// at writes that change what it is about: what is wrong already must not stop somebody who mends something else.

import type { Job, JobStatus } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import {
  duplicate,
  IMMUTABLE_FIELD,
  invalidRule,
  invalidValue,
  isEqualJson,
  required,
} from "../../meta/field-error.ts";
import { validateNotNegative } from "../../meta/value-validation.ts";
import { parseIndexes } from "./indexes.ts";

const CONDITIONS = "status.conditions";

interface StatusChange {
  readonly job: Job;
  readonly status: JobStatus;
  readonly old: JobStatus;
  /** Whether one of these fields, or the truth of one of these conditions, is another than before. */
  readonly changes: (...names: (keyof JobStatus | ConditionType)[]) => boolean;
}

type ConditionType = "Complete" | "Failed" | "FailureTarget" | "SuccessCriteriaMet";

export function validateJobStatusUpdate(job: Job, oldJob: Job): FieldError[] {
  const status = job.status ?? {};
  const old = oldJob.status ?? {};
  const isChanged = (name: keyof JobStatus | ConditionType) =>
    isConditionType(name) ? has(status, name) !== has(old, name) : !isEqualJson(status[name], old[name]);
  const change = { job, status, old, changes: (...names: Parameters<typeof isChanged>[0][]) => names.some(isChanged) };
  return [
    ...validateCounts(status),
    ...validateUncounted(status),
    ...validateEnd(change),
    ...validateFinished(change),
    ...validateIndexes(change),
    ...validateReady(change),
    ...validateSuccessCriteria(change),
    ...validateTransition(change),
  ];
}

function isConditionType(name: string): name is ConditionType {
  return ["Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"].includes(name);
}

function has(status: JobStatus, type: string, value = "True"): boolean {
  return status.conditions?.some((condition) => condition.type === type && condition.status === value) === true;
}

function validateCounts(status: JobStatus): FieldError[] {
  return (["active", "succeeded", "failed", "ready", "terminating"] as const).flatMap((counter) =>
    validateNotNegative(status[counter], `status.${counter}`),
  );
}

function validateUncounted({ uncountedTerminatedPods }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  return (["succeeded", "failed"] as const).flatMap((list) =>
    (uncountedTerminatedPods?.[list] ?? []).flatMap((uid, i) => {
      const field = `status.uncountedTerminatedPods.${list}[${i}]`;
      if (uid === "") return [invalidValue(field, uid, "must not be empty")];
      if (seen.has(uid)) return [duplicate(field, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function validateEnd({ status, changes }: StatusChange): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (text: string) => errors.push(invalidRule(CONDITIONS, text));
  const { startTime, completionTime } = status;
  const timeField = "status.completionTime";
  const isComplete = has(status, "Complete");
  const isFailed = has(status, "Failed");
  if (isComplete && isFailed && changes("Complete", "Failed")) {
    refuse("cannot set Complete=True and Failed=true conditions");
  }
  if (isComplete && has(status, "FailureTarget") && changes("Complete", "FailureTarget")) {
    refuse("cannot set Complete=True and FailureTarget=true conditions");
  }
  if (changes("Complete", "completionTime")) {
    if (completionTime && !isComplete) {
      const text = "cannot set completionTime when there is no Complete=True condition";
      errors.push(invalidValue(timeField, completionTime, text));
    }
    if (!completionTime && isComplete) {
      errors.push(required(timeField, "completionTime is required for Complete jobs"));
    }
  }
  const isTooEarly = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if (isTooEarly && changes("startTime", "completionTime")) {
    errors.push(invalidValue(timeField, completionTime, "must be equal to or after `startTime`"));
  }
  if (isFailed && !has(status, "FailureTarget") && changes("Failed", "failedIndexes")) {
    refuse("cannot set Failed=True condition without the FailureTarget=true condition");
  }
  if (isComplete && !has(status, "SuccessCriteriaMet") && changes("Complete", "SuccessCriteriaMet")) {
    refuse("cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
  }
  return errors;
}

/** Nothing of a finished job is under way any more. */
function validateFinished({ job, status, old, changes }: StatusChange): FieldError[] {
  const isEnd = (of: JobStatus) => has(of, "Complete") || has(of, "Failed");
  if (!isEnd(status)) return [];
  const errors: FieldError[] = [];
  const isNew = !isEnd(old);
  const { active = 0, startTime, terminating = 0, uncountedTerminatedPods: uncounted } = status;
  if (active > 0 && (isNew || changes("active"))) {
    errors.push(invalidValue("status.active", active, "active>0 is invalid for finished job"));
  }
  const neverHadToStart = job.spec.suspend === true && job.spec.completions === 0;
  if (!startTime && !neverHadToStart && (isNew || changes("startTime"))) {
    errors.push(required("status.startTime", "startTime is required for finished job"));
  }
  const uncountedCount = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0);
  if (uncountedCount > 0 && (isNew || changes("uncountedTerminatedPods"))) {
    errors.push(invalidValue("status.uncountedTerminatedPods", uncounted, "must be empty for finished job"));
  }
  if (terminating > 0 && (isNew || changes("terminating"))) {
    errors.push(invalidValue("status.terminating", terminating, "terminating>0 is invalid for finished job"));
  }
  return errors;
}

function validateIndexes({ job, status, changes }: StatusChange): FieldError[] {
  const { spec } = job;
  const { completedIndexes = "", failedIndexes } = status;
  const errors: FieldError[] = [];
  const check = (field: "completedIndexes" | "failedIndexes", text: string) => {
    const result = parseIndexes(text, spec.completions ?? 0);
    if ("error" in result) {
      errors.push(invalidValue(`status.${field}`, text, `error parsing ${field}: ${result.error}`));
    }
  };
  if (changes("completedIndexes")) {
    if (spec.completions !== undefined) check("completedIndexes", completedIndexes);
    if (completedIndexes !== "" && spec.completionMode !== "Indexed") {
      const text = "cannot set non-empty completedIndexes when non-indexed completion mode";
      errors.push(invalidValue("status.completedIndexes", completedIndexes, text));
    }
  }
  if (failedIndexes === undefined) return errors;
  if (changes("failedIndexes")) {
    if (spec.backoffLimitPerIndex === undefined) {
      const text = "cannot set non-null failedIndexes when backoffLimitPerIndex is null";
      errors.push(invalidValue("status.failedIndexes", failedIndexes, text));
    } else if (spec.completions !== undefined) check("failedIndexes", failedIndexes);
  }
  if (spec.completions !== undefined && changes("failedIndexes", "completedIndexes")) {
    const overlap = commonIndexes(completedIndexes, failedIndexes, spec.completions);
    if (overlap !== undefined) errors.push(invalidValue("status.failedIndexes", failedIndexes, overlap));
  }
  return errors;
}

/** What is wrong with two lists that have an index in common. Lists that cannot be read have been refused before. */
function commonIndexes(completed: string, failed: string, completions: number): string | undefined {
  const [done, lost] = [parseIndexes(completed, completions), parseIndexes(failed, completions)];
  if ("error" in done || "error" in lost) return undefined;
  let [i, j] = [0, 0];
  for (let one = done.intervals[i], other = lost.intervals[j]; one && other; ) {
    if (one.first <= other.last && other.first <= one.last) {
      return `failedIndexes and completedIndexes overlap at index: ${Math.max(one.first, other.first)}`;
    }
    if (one.first <= other.first) one = done.intervals[++i];
    else other = lost.intervals[++j];
  }
  return undefined;
}

function validateReady({ status, changes }: StatusChange): FieldError[] {
  const { ready = 0, active = 0 } = status;
  return ready > active && changes("ready", "active")
    ? [invalidValue("status.ready", ready, "cannot set more ready pods than active")]
    : [];
}

function validateSuccessCriteria({ job, status }: StatusChange): FieldError[] {
  const isMet = has(status, "SuccessCriteriaMet");
  const refusals: readonly (readonly [boolean, string])[] = [
    [isMet && has(status, "Failed"), "cannot set SuccessCriteriaMet=True and Failed=true conditions"],
    [isMet && has(status, "FailureTarget"), "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"],
    [
      !isMet && has(status, "Complete") && job.spec.successPolicy !== undefined,
      "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True",
    ],
  ];
  return refusals.filter(([isRefused]) => isRefused).map(([, text]) => invalidRule(CONDITIONS, text));
}

function validateTransition({ job, status, old }: StatusChange): FieldError[] {
  const { spec } = job;
  const errors = ["Failed", "Complete", "FailureTarget"]
    .filter((type) => has(old, type) && !has(status, type))
    .map((type) => invalidRule(CONDITIONS, `cannot disable the terminal ${type}=True condition`));
  // An indexed job that is made smaller loses the successes of the indexes it no longer has.
  const mayShrink = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  for (const counter of mayShrink ? (["failed"] as const) : (["failed", "succeeded"] as const)) {
    if ((status[counter] ?? 0) < (old[counter] ?? 0)) {
      errors.push(invalidValue(`status.${counter}`, status[counter] ?? 0, `cannot decrease the ${counter} counter`));
    }
  }
  if (status.completionTime && old.completionTime && status.completionTime !== old.completionTime) {
    errors.push(invalidValue("status.completionTime", status.completionTime, IMMUTABLE_FIELD));
  }
  const isResuming = has(old, "Suspended") && has(status, "Suspended", "False");
  if (old.startTime && old.startTime !== status.startTime && spec.suspend !== true && !isResuming) {
    const text = "field is immutable for unsuspended job once set";
    errors.push(invalidValue("status.startTime", status.startTime ?? null, text));
  }
  if (has(old, "SuccessCriteriaMet") && !has(status, "SuccessCriteriaMet")) {
    errors.push(invalidRule(CONDITIONS, "cannot disable the SuccessCriteriaMet=True condition"));
  }
  if (has(old, "Complete") && !has(old, "SuccessCriteriaMet") && has(status, "SuccessCriteriaMet")) {
    const text = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions";
    errors.push(invalidRule(CONDITIONS, text));
  }
  return errors;
}
