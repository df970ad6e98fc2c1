import type { ValidatingAdmissionPolicy as ValidatingAdmissionPolicyObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, integerColumn, NAME_COLUMN } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { applyPolicyDefaults, PARAM_KIND_COLUMN, showParamKind } from "../policy.ts";
import { GROUP } from "../webhook.ts";
import {
  validateValidatingPolicy,
  validateValidatingPolicyStatus,
  validateValidatingPolicyUpdate,
} from "./validation.ts";

export type ValidatingAdmissionPolicy = ValidatingAdmissionPolicyObject;

export const ValidatingAdmissionPolicy: Resource<ValidatingAdmissionPolicy> = {
  group: GROUP,
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  plural: "validatingadmissionpolicies",
  scope: "Cluster",
};

export const validatingAdmissionPolicyKind: KindDefinition<ValidatingAdmissionPolicy> = {
  resource: ValidatingAdmissionPolicy,
  singular: "validatingadmissionpolicy",
  shortNames: [],
  categories: ["api-extensions"],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  requiresVersion: true,
  checksGenerateName: "always",
  takesAnyFinalizer: true,
  statusCarries: "generateName",
  selectableFields: {},
  applyDefaults: applyPolicyDefaults,
  validateCreate: validateValidatingPolicy,
  validateUpdate: validateValidatingPolicyUpdate,
  validateStatusUpdate: validateValidatingPolicyStatus,
  columns: [
    NAME_COLUMN,
    integerColumn("Validations", "How many validations the policy has."),
    PARAM_KIND_COLUMN,
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec }, nowMs) => [
    metadata.name ?? "",
    (spec.validations ?? []).length,
    showParamKind(spec.paramKind),
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
