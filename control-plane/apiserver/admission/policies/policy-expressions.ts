// Refuses a policy whose expressions make no sense. It stands here, for reading expressions is more than the kinds' own
// checks may know.

import { MutatingAdmissionPolicy } from "@atoll/api/admission-registration/mutating-admission-policy/kind";
import { ValidatingAdmissionPolicy } from "@atoll/api/admission-registration/validating-admission-policy/kind";
import type { FieldError, KindDefinition } from "@atoll/api/kind";
import { throwIfInvalid } from "../../registry/field-errors.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { AdmissionStep } from "../admission.ts";
import { expressionFaults } from "../expressions/compile-expression.ts";
import { conditionFaults } from "../expressions/match-conditions.ts";
import type { CompiledVariables } from "../expressions/variables.ts";
import { compileMutatingPolicy } from "./mutations.ts";
import { compileValidatingPolicy } from "./validating-policies.ts";

export function policyExpressions(resources: ResourceTable): AdmissionStep {
  const validating = resources.of(ValidatingAdmissionPolicy).kind;
  const mutating = resources.of(MutatingAdmissionPolicy).kind;
  const check = (kind: KindDefinition, object: unknown): FieldError[] => {
    if (kind === validating) return validatingFaults(object as ValidatingAdmissionPolicy); // the kind says so
    return kind === mutating ? mutatingFaults(object as MutatingAdmissionPolicy) : []; // likewise
  };
  return {
    name: "PolicyExpressions",
    validate({ kind, subresource, object, name }) {
      if ((kind !== validating && kind !== mutating) || subresource !== "" || !object) return;
      throwIfInvalid(kind, name, check(kind, object));
    },
  };
}

function validatingFaults(policy: ValidatingAdmissionPolicy): FieldError[] {
  const { conditions, variables, validations, annotations } = compileValidatingPolicy(policy);
  return [
    ...conditionFaults(conditions, "spec.matchConditions"),
    ...variableFaults(variables),
    ...validations.flatMap(({ expression, message }, index) => [
      ...expressionFaults(expression, `spec.validations[${index}].expression`),
      ...(message ? expressionFaults(message, `spec.validations[${index}].messageExpression`) : []),
    ]),
    ...annotations.flatMap(({ expression }, index) =>
      expressionFaults(expression, `spec.auditAnnotations[${index}].valueExpression`),
    ),
  ];
}

function mutatingFaults(policy: MutatingAdmissionPolicy): FieldError[] {
  const { conditions, variables, mutations } = compileMutatingPolicy(policy);
  return [
    ...conditionFaults(conditions, "spec.matchConditions"),
    ...variableFaults(variables),
    ...mutations.flatMap(({ type, expression }, index) => {
      const field = type === "JSONPatch" ? "jsonPatch" : "applyConfiguration";
      return expressionFaults(expression, `spec.mutations[${index}].${field}.expression`);
    }),
  ];
}

function variableFaults({ expressions }: CompiledVariables): FieldError[] {
  return [...expressions.values()].flatMap((expression, index) =>
    expressionFaults(expression, `spec.variables[${index}].expression`),
  );
}
