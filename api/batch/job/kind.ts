import { dropUnservedFields } from "../../core/pod/unserved-fields.ts";
import { namedWorkloadWarnings } from "../../apps/workload-warnings.ts";
import type { Job as JobObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { jobColumns, printJob } from "./columns.ts";
import { applyJobDefaults } from "./defaults.ts";
import { generateJobSelector } from "./selector.ts";
import { validateJobStatusUpdate } from "./status-validation.ts";
import { validateJob, validateJobUpdate } from "./validation.ts";

export type Job = JobObject;

export const Job: Resource<Job> = { group: "batch", version: "v1", kind: "Job", plural: "jobs", scope: "Namespaced" };

export const jobKind: KindDefinition<Job> = {
  resource: Job,
  singular: "job",
  shortNames: [],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.batch.v1.Job",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  checksGenerateName: "always",
  selectableFields: { "status.successful": (job) => String(job.status?.succeeded ?? 0) },
  applyDefaults: applyJobDefaults,
  prepareForCreate: (job) => {
    dropUnservedFields(job.spec.template?.spec);
    generateJobSelector(job);
  },
  prepareForUpdate: ({ spec }) => dropUnservedFields(spec.template?.spec),
  validateCreate: validateJob,
  validateUpdate: validateJobUpdate,
  warningsOf: namedWorkloadWarnings(({ spec }) => ({ template: spec?.template, path: "spec.template" })),
  validateStatusUpdate: validateJobStatusUpdate,
  orphansDependents: {
    warning:
      "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  },
  columns: jobColumns,
  printRow: printJob,
};
