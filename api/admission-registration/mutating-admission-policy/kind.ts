import type { MutatingAdmissionPolicy as MutatingAdmissionPolicyObject, Mutation } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, integerColumn, NAME_COLUMN } from "../../meta/columns.ts";
import { invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { validateChoice } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import { validateMatchConditions } from "../match-condition.ts";
import {
  applyMatchDefaults,
  PARAM_KIND_COLUMN,
  showParamKind,
  validateFailurePolicy,
  validateMatchConstraints,
  validateMutableOperations,
  validateParamKind,
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

function validatePolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const { variables = [], mutations = [], matchConditions = [] } = spec;
  return [
    ...validateFailurePolicy(spec.failurePolicy, "spec.failurePolicy"),
    ...validateParamKind(spec.paramKind, "spec.paramKind"),
    ...validateMatchConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...validateMutableOperations(spec.matchConstraints, "spec.matchConstraints"),
    ...validateMatchConditions(matchConditions, "spec.matchConditions"),
    ...validateVariables(variables, "spec.variables"),
    ...(mutations.length === 0 ? [required("spec.mutations", "mutations must contain at least one item")] : []),
    ...mutations.flatMap((mutation, index) => validateMutation(mutation, `spec.mutations[${index}]`)),
    ...validateChoice(spec.reinvocationPolicy, REINVOCATION_POLICIES, "spec.reinvocationPolicy"),
  ];
}

function validateMutation(mutation: Mutation, path: string): FieldError[] {
  const { patchType, jsonPatch, applyConfiguration } = mutation;
  if (!patchType) return [required(`${path}.patchType`)];
  switch (patchType) {
    case "JSONPatch":
      return [
        ...validatePatch("jsonPatch", jsonPatch, { path, patchType }),
        ...refuseOther("applyConfiguration", applyConfiguration, { path, patchType }),
      ];
    case "ApplyConfiguration":
      return [
        ...validatePatch("applyConfiguration", applyConfiguration, { path, patchType }),
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
  { path, patchType }: PatchPlace,
): FieldError[] {
  if (!patch) return [required(`${path}.${field}`, `must be specified when patchType is ${patchType}`)];
  return (patch.expression ?? "").trim() === "" ? [required(`${path}.${field}.expression`)] : [];
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
  selectableFields: {},
  applyDefaults: ({ spec }) => {
    spec.failurePolicy ??= "Fail";
    applyMatchDefaults(spec.matchConstraints);
  },
  validateCreate: validatePolicy,
  validateUpdate: validatePolicy,
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
