import type { ControllerRevision as ControllerRevisionObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import { required, unchanged } from "../../meta/field-error.ts";
import { validateNotNegative } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type ControllerRevision = ControllerRevisionObject;

export const ControllerRevision: Resource<ControllerRevision> = {
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
};

function validateRevision({ data, revision }: ControllerRevision): FieldError[] {
  const errors = validateNotNegative(revision, "revision");
  if (data === undefined) return [...errors, required("data", "data is mandatory")];
  const isObject = typeof data === "object" && !Array.isArray(data);
  return isObject ? errors : [...errors, required("data", "data must be a valid JSON object")];
}

function ownerOf({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (!owner) return NONE;
  const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0]}` : "";
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

export const controllerRevisionKind: KindDefinition<ControllerRevision> = {
  resource: ControllerRevision,
  singular: "controllerrevision",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.apps.v1.ControllerRevision",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  checksGenerateName: "always",
  selectableFields: {},
  validateCreate: validateRevision,
  validateUpdate: (revision, old) => [
    ...validateNotNegative(revision.revision, "revision"),
    ...unchanged("data", revision.data, old.data),
  ],
  columns: [
    NAME_COLUMN,
    textColumn("Controller", "The workload whose past this is."),
    textColumn("Revision", "Number of the state, counted by the workload."),
    AGE_COLUMN,
  ],
  printRow: (revision, nowMs) => [
    revision.metadata.name ?? "",
    ownerOf(revision),
    revision.revision ?? 0,
    formatAge(revision.metadata.creationTimestamp, nowMs),
  ],
};
