import type { MutatingAdmissionPolicyBinding as MutatingAdmissionPolicyBindingObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import type { Resource } from "../../resource.ts";
import {
  applyBindingDefaults,
  BINDING_COLUMNS,
  showParamRef,
  validateMatchResources,
  validateMutableOperations,
  validateParamRef,
  validatePolicyName,
} from "../policy.ts";
import { GROUP } from "../webhook.ts";

export type MutatingAdmissionPolicyBinding = MutatingAdmissionPolicyBindingObject;

export const MutatingAdmissionPolicyBinding: Resource<MutatingAdmissionPolicyBinding> = {
  group: GROUP,
  version: "v1",
  kind: "MutatingAdmissionPolicyBinding",
  plural: "mutatingadmissionpolicybindings",
  scope: "Cluster",
};

function validateBinding({ spec }: MutatingAdmissionPolicyBinding): FieldError[] {
  return [
    ...validatePolicyName(spec.policyName, "spec.policyName"),
    ...validateParamRef(spec.paramRef, "spec.paramRef"),
    ...validateMatchResources(spec.matchResources, "spec.matchResources"),
    ...validateMutableOperations(spec.matchResources, "spec.matchResources"),
  ];
}

export const mutatingAdmissionPolicyBindingKind: KindDefinition<MutatingAdmissionPolicyBinding> = {
  resource: MutatingAdmissionPolicyBinding,
  singular: "mutatingadmissionpolicybinding",
  shortNames: [],
  categories: ["api-extensions"],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  requiresVersion: true,
  checksGenerateName: "always",
  takesAnyFinalizer: true,
  selectableFields: {},
  applyDefaults: applyBindingDefaults,
  validateCreate: validateBinding,
  validateUpdate: validateBinding,
  columns: BINDING_COLUMNS,
  printRow: ({ metadata, spec }, nowMs) => [
    metadata.name ?? "",
    spec.policyName ?? "",
    showParamRef(spec.paramRef),
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
