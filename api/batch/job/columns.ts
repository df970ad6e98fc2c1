import { templateColumns, templateImages, templateNames } from "../../apps/pod-template.ts";
import type { Job } from "../../generated/types.ts";
import type { Cell, PrinterColumn } from "../../kind.ts";
import { formatAge, formatDuration } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import { formatRequirements, requirementsOf } from "../../meta/label-selector.ts";

export const jobColumns: readonly PrinterColumn[] = [
  NAME_COLUMN,
  textColumn("Status", "Where the job is in its life."),
  textColumn("Completions", "Pods that succeeded, of those wanted."),
  textColumn("Duration", "Time from the start to the end, or until now."),
  AGE_COLUMN,
  ...templateColumns,
];

export function printJob(job: Job, nowMs: number): readonly Cell[] {
  const { metadata, spec } = job;
  return [
    metadata.name ?? "",
    statusOf(job),
    completionsOf(job),
    durationOf(job, nowMs),
    formatAge(metadata.creationTimestamp, nowMs),
    templateNames(spec.template),
    templateImages(spec.template),
    spec.selector ? formatRequirements(requirementsOf(spec.selector)) : NONE,
  ];
}

function statusOf({ metadata, status }: Job): string {
  const has = (type: string) =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (metadata.deletionTimestamp) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(has) ?? "Running";
}

function completionsOf({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf({ status }: Job, nowMs: number): string {
  if (!status?.startTime) return "";
  const endMs = status.completionTime ? Date.parse(status.completionTime) : nowMs;
  return formatDuration((endMs - Date.parse(status.startTime)) / 1000);
}
