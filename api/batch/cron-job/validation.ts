import type { CronJob, CronJobSpec, JobSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { validateChoice, validateNotNegative } from "../../meta/value-validation.ts";
import { validateJobSpec } from "../job/validation.ts";
import { checkSchedule } from "./schedule.ts";

const POLICIES = ["Allow", "Forbid", "Replace"];
/** A job's name is the CronJob's, a hyphen and ten digits, and has 63 characters at most. */
const NAME_CHARACTERS_MAX = 52;

export function validateCronJob(cronJob: CronJob): FieldError[] {
  const errors = validateSpec(cronJob.spec, undefined);
  const { name = "" } = cronJob.metadata;
  if (name.length > NAME_CHARACTERS_MAX) {
    errors.push(invalidValue("metadata.name", name, `must be no more than ${NAME_CHARACTERS_MAX} characters`));
  }
  return errors;
}

export function validateCronJobUpdate({ spec }: CronJob, { spec: old }: CronJob): FieldError[] {
  return validateSpec(spec, old);
}

function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const errors = spec.schedule ? validateSchedule(spec, old) : [required("spec.schedule")];
  errors.push(...validateNotNegative(spec.startingDeadlineSeconds, "spec.startingDeadlineSeconds"));
  if (spec.timeZone !== undefined && spec.timeZone !== old?.timeZone) {
    errors.push(...validateTimeZone(spec.timeZone, "spec.timeZone"));
  }
  errors.push(...validateChoice(spec.concurrencyPolicy, POLICIES, "spec.concurrencyPolicy"));
  return [
    ...errors,
    ...validateJobTemplate(spec.jobTemplate.spec ?? { template: {} }, "spec.jobTemplate.spec"),
    ...validateNotNegative(spec.successfulJobsHistoryLimit, "spec.successfulJobsHistoryLimit"),
    ...validateNotNegative(spec.failedJobsHistoryLimit, "spec.failedJobsHistoryLimit"),
  ];
}

/** Each job gets a selector of its own. */
function validateJobTemplate(job: JobSpec, path: string): FieldError[] {
  const errors = validateJobSpec(job, path);
  if (job.selector) errors.push(invalidValue(`${path}.selector`, job.selector, "`selector` will be auto-generated"));
  if (job.manualSelector === true) {
    errors.push(notSupported(`${path}.manualSelector`, job.manualSelector, ["nil", "false"]));
  }
  return errors;
}

/** A time zone inside the schedule is what older versions took; one that is there already may stay. */
function validateSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const field = "spec.schedule";
  const problem = checkSchedule(schedule);
  const errors = problem === undefined ? [] : [invalidValue(field, schedule, problem)];
  if (!schedule.includes("TZ")) return errors;
  const mayStay = old?.schedule.includes("TZ") === true;
  if (!mayStay) {
    const text = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
    errors.push(invalidValue(field, schedule, text));
  } else if (timeZone !== undefined) {
    const text = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
    errors.push(invalidValue(field, schedule, text));
  }
  return errors;
}

function validateTimeZone(timeZone: string, field: string): FieldError[] {
  if (timeZone === "") return [invalidValue(field, timeZone, "timeZone must be nil or non-empty string")];
  const unknown = invalidValue(field, timeZone, `unknown time zone ${timeZone}`);
  if (timeZone.split("/").some((part) => !/^[A-Za-z\d._+][-A-Za-z\d._+]{0,13}$/.test(part) || /^\.\.?$/.test(part))) {
    return [unknown];
  }
  if (timeZone.toLowerCase() === "local") {
    const text = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    return [invalidValue(field, timeZone, text)];
  }
  return isTimeZone(timeZone) ? [] : [unknown];
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
