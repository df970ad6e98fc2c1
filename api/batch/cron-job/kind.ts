import { dropUnservedFields } from "../../core/pod/unserved-fields.ts";
import { namedWorkloadWarnings } from "../../apps/workload-warnings.ts";
import { templateColumns, templateImages, templateNames } from "../../apps/pod-template.ts";
import type { CronJob as CronJobObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, booleanColumn, integerColumn, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import { formatRequirements, requirementsOf } from "../../meta/label-selector.ts";
import type { Resource } from "../../resource.ts";
import { applyJobTemplateDefaults } from "../job/defaults.ts";
import { validateCronJob, validateCronJobUpdate } from "./validation.ts";

export type CronJob = CronJobObject;

export const CronJob: Resource<CronJob> = {
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  scope: "Namespaced",
};

function applyCronJobDefaults({ spec }: CronJob): void {
  spec.concurrencyPolicy ||= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  if (spec.jobTemplate?.spec) applyJobTemplateDefaults(spec.jobTemplate.spec);
}

export const cronJobKind: KindDefinition<CronJob> = {
  resource: CronJob,
  singular: "cronjob",
  shortNames: ["cj"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.batch.v1.CronJob",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  takesAnyFinalizer: "inStatus",
  selectableFields: {},
  applyDefaults: applyCronJobDefaults,
  prepareForCreate: ({ spec }) => dropUnservedFields(spec.jobTemplate.spec?.template?.spec),
  prepareForUpdate: ({ spec }) => dropUnservedFields(spec.jobTemplate.spec?.template?.spec),
  validateCreate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warningsOf: namedWorkloadWarnings(({ spec }) => ({
    template: spec?.jobTemplate.spec?.template,
    path: "spec.jobTemplate.spec.template",
  })),
  columns: [
    NAME_COLUMN,
    textColumn("Schedule", "When jobs start, as cron writes it."),
    textColumn("Timezone", "Time zone of the schedule."),
    booleanColumn("Suspend", "Whether no more jobs start."),
    integerColumn("Active", "Jobs under way."),
    textColumn("Last Schedule", "Time since a job was last due."),
    AGE_COLUMN,
    ...templateColumns,
  ],
  printRow: ({ metadata, spec, status }, nowMs) => {
    const job = spec.jobTemplate?.spec;
    return [
      metadata.name ?? "",
      spec.schedule ?? "",
      spec.timeZone ?? NONE,
      spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False",
      status?.active?.length ?? 0,
      status?.lastScheduleTime ? formatAge(status.lastScheduleTime, nowMs) : NONE,
      formatAge(metadata.creationTimestamp, nowMs),
      templateNames(job?.template),
      templateImages(job?.template),
      job?.selector ? formatRequirements(requirementsOf(job.selector)) : NONE,
    ];
  },
};
