import type { ValidatingAdmissionPolicyBinding as ValidatingAdmissionPolicyBindingObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { duplicate, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";
import type { Resource } from "../../resource.ts";
import {
  applyBindingDefaults,
  BINDING_COLUMNS,
  showParamRef,
  validateMatchResources,
  validateParamRef,
  validatePolicyName,
} from "../policy.ts";
import { GROUP } from "../webhook.ts";

export type ValidatingAdmissionPolicyBinding = ValidatingAdmissionPolicyBindingObject;

export const ValidatingAdmissionPolicyBinding: Resource<ValidatingAdmissionPolicyBinding> = {
  group: GROUP,
  version: "v1",
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
  scope: "Cluster",
};

const ACTIONS = ["Audit", "Deny", "Warn"] as const;

function validateBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  return [
    ...validatePolicyName(spec.policyName, "spec.policyName"),
    ...validateParamRef(spec.paramRef, "spec.paramRef"),
    ...validateMatchResources(spec.matchResources, "spec.matchResources"),
    ...validateActions(spec.validationActions ?? [], "spec.validationActions"),
  ];
}

function validateActions(actions: readonly string[], path: string): FieldError[] {
  const repeated = repeatedPlaces(actions);
  const errors = actions.flatMap((action, index) => [
    ...(ACTIONS.some((known) => known === action) ? [] : [notSupported(`${path}[${index}]`, action, ACTIONS)]),
    ...(repeated.has(index) ? [duplicate(`${path}[${index}]`, action)] : []),
  ]);
  if (actions.includes("Deny") && actions.includes("Warn")) {
    const why =
      "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
    errors.push(invalidValue(path, actions, why));
  }
  return actions.length === 0 ? [...errors, required(path, "at least one validation action is required")] : errors;
}

export const validatingAdmissionPolicyBindingKind: KindDefinition<ValidatingAdmissionPolicyBinding> = {
  resource: ValidatingAdmissionPolicyBinding,
  singular: "validatingadmissionpolicybinding",
  shortNames: [],
  categories: ["api-extensions"],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding",
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
