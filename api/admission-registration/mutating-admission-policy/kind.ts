import type { MutatingAdmissionPolicy as MutatingAdmissionPolicyObject, Mutation } from "../../generated/types.ts";
import { ALL_VERBS, type FaultsAt, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, integerColumn, NAME_COLUMN } from "../../meta/columns.ts";
import { invalidValue, NO_FAULTS, notSupported, required } from "../../meta/field-error.ts";
import { validateChoice } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import {
  applyPolicyDefaults,
  PARAM_KIND_COLUMN,
  showParamKind,
  validateFailurePolicy,
  validateMatchConstraints,
  validateMutableOperations,
  validateParamKind,
  validatePolicyConditions,
  validateVariables,
} from "../policy.ts";
import { GROUP } from "../webhook.ts";

export type MutatingAdmissionPolicy = MutatingAdmissionPolicyObject;

export const MutatingAdmissionPolicy: Resource<MutatingAdmissionPolicy> = {
  group: GROUP,
  version: "v1",
  kind: "MutatingAdmissionPolicy",
  plural: "mutatingadmissionpolicies",
  scope: "Cluster",
};

const REINVOCATION_POLICIES = ["IfNeeded", "Never"] as const;
const PATCH_TYPES = ["ApplyConfiguration", "JSONPatch"] as const;

function validatePolicyUpdate(policy: MutatingAdmissionPolicy, old: MutatingAdmissionPolicy, faultsAt = NO_FAULTS) {
  return validatePolicy(policy, faultsAt, old);
}

function validatePolicy(
  { spec }: MutatingAdmissionPolicy,
  faultsAt: FaultsAt = NO_FAULTS,
  old?: MutatingAdmissionPolicy,
): FieldError[] {
  const { variables = [], mutations = [] } = spec;
  return [
    ...validateFailurePolicy(spec.failurePolicy, "spec.failurePolicy"),
    ...validateParamKind(spec.paramKind, "spec.paramKind"),
    ...validateMatchConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...validateMutableOperations(spec.matchConstraints, "spec.matchConstraints"),
    ...validatePolicyConditions(spec, old?.spec, faultsAt),
    ...validateVariables(variables, "spec.variables", faultsAt),
    ...(mutations.length === 0 ? [required("spec.mutations", "mutations must contain at least one item")] : []),
    ...mutations.flatMap((mutation, index) => validateMutation(mutation, `spec.mutations[${index}]`, faultsAt)),
    ...validateChoice(spec.reinvocationPolicy, REINVOCATION_POLICIES, "spec.reinvocationPolicy"),
  ];
}

function validateMutation(mutation: Mutation, path: string, faultsAt: FaultsAt): FieldError[] {
  const { patchType, jsonPatch, applyConfiguration } = mutation;
  if (!patchType) return [required(`${path}.patchType`)];
  switch (patchType) {
    case "JSONPatch":
      return [
        ...validatePatch("jsonPatch", jsonPatch, { path, patchType, faultsAt }),
        ...refuseOther("applyConfiguration", applyConfiguration, { path, patchType }),
      ];
    case "ApplyConfiguration":
      return [
        ...validatePatch("applyConfiguration", applyConfiguration, { path, patchType, faultsAt }),
        ...refuseOther("jsonPatch", jsonPatch, { path, patchType }),
      ];
    default:
      return [notSupported(`${path}.patchType`, patchType, PATCH_TYPES)];
  }
}

interface PatchPlace {
  readonly path: string;
  readonly patchType: string;
}

function validatePatch(
  field: string,
  patch: { readonly expression?: string } | undefined,
  { path, patchType, faultsAt }: PatchPlace & { readonly faultsAt: FaultsAt },
): FieldError[] {
  if (!patch) return [required(`${path}.${field}`, `must be specified when patchType is ${patchType}`)];
  const place = `${path}.${field}.expression`;
  return (patch.expression ?? "").trim() === "" ? [required(place)] : [...faultsAt(place)];
}

function refuseOther(field: string, patch: unknown, { path, patchType }: PatchPlace): FieldError[] {
  if (patch === undefined) return [];
  return [invalidValue(`${path}.${field}`, `{${field}}`, `must not be specified when patchType is ${patchType}`)];
}

export const mutatingAdmissionPolicyKind: KindDefinition<MutatingAdmissionPolicy> = {
  resource: MutatingAdmissionPolicy,
  singular: "mutatingadmissionpolicy",
  shortNames: [],
  categories: ["api-extensions"],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  requiresVersion: true,
  checksGenerateName: "always",
  takesAnyFinalizer: true,
  selectableFields: {},
  applyDefaults: applyPolicyDefaults,
  validateCreate: validatePolicy,
  validateUpdate: validatePolicyUpdate,
  columns: [
    NAME_COLUMN,
    integerColumn("Mutations", "How many mutations the policy has."),
    PARAM_KIND_COLUMN,
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec }, nowMs) => [
    metadata.name ?? "",
    (spec.mutations ?? []).length,
    showParamKind(spec.paramKind),
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
