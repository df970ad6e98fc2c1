import type {
  AuditAnnotation,
  ExpressionWarning,
  ValidatingAdmissionPolicy,
  Validation,
} from "../../generated/types.ts";
import type { FaultsAt, FieldError } from "../../kind.ts";
import { duplicate, invalidValue, NO_FAULTS, notSupported, required } from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import {
  validateFailurePolicy,
  validateMatchConstraints,
  validateParamKind,
  validatePolicyConditions,
  validateVariables,
} from "../policy.ts";

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"] as const;
const AUDIT_ANNOTATIONS_MAX = 20;
const VALUE_EXPRESSION_BYTES_MAX = 5 * 1024;

export function validateValidatingPolicyUpdate(
  policy: ValidatingAdmissionPolicy,
  old: ValidatingAdmissionPolicy,
  faultsAt: FaultsAt = NO_FAULTS,
): FieldError[] {
  return validateValidatingPolicy(policy, faultsAt, old);
}

export function validateValidatingPolicy(
  { metadata, spec }: ValidatingAdmissionPolicy,
  faultsAt: FaultsAt = NO_FAULTS,
  old?: ValidatingAdmissionPolicy,
): FieldError[] {
  const { variables = [], validations = [], auditAnnotations = [] } = spec;
  const errors = [
    ...validateFailurePolicy(spec.failurePolicy, "spec.failurePolicy"),
    ...validateParamKind(spec.paramKind, "spec.paramKind"),
    ...validateMatchConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...validatePolicyConditions(spec, old?.spec, faultsAt),
    ...validateVariables(variables, "spec.variables", faultsAt),
  ];
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = "validations or auditAnnotations must contain at least one item";
    return [...errors, required("spec.validations", why), required("spec.auditAnnotations", why)];
  }
  return [
    ...errors,
    ...validations.flatMap((validation, index) =>
      validateValidation(validation, `spec.validations[${index}]`, faultsAt),
    ),
    ...validateAuditAnnotations(metadata.name ?? "", auditAnnotations, faultsAt),
  ];
}

function validateValidation(validation: Validation, path: string, faultsAt: FaultsAt): FieldError[] {
  const { expression, message = "", messageExpression = "", reason } = validation;
  const errors: FieldError[] = [];
  if (expression.trim() === "") errors.push(required(`${path}.expression`, "expression is not specified"));
  else errors.push(...faultsAt(`${path}.expression`));
  if (messageExpression !== "" && messageExpression.trim() === "") {
    errors.push(invalidValue(`${path}.messageExpression`, messageExpression, "must be non-empty if specified"));
  } else errors.push(...faultsAt(`${path}.messageExpression`));
  if (message !== "" && message.trim() === "") {
    errors.push(invalidValue(`${path}.message`, message, "must be non-empty if specified"));
  } else if (/[\n\r]/.test(message.trim())) {
    errors.push(invalidValue(`${path}.message`, message, "must not contain line breaks"));
  }
  if (reason !== undefined && !REASONS.some((known) => known === reason)) {
    errors.push(notSupported(`${path}.reason`, reason, REASONS));
  }
  return errors;
}

function validateAuditAnnotations(
  policy: string,
  annotations: readonly AuditAnnotation[],
  faultsAt: FaultsAt,
): FieldError[] {
  const errors: FieldError[] = [];
  if (annotations.length > AUDIT_ANNOTATIONS_MAX) {
    const why = `must not have more than ${AUDIT_ANNOTATIONS_MAX} auditAnnotations`;
    errors.push(invalidValue("spec.auditAnnotations", annotations, why));
  }
  const keys = new Set<string>();
  for (const [index, { key, valueExpression }] of annotations.entries()) {
    const path = `spec.auditAnnotations[${index}]`;
    if (policy === "") errors.push(invalidValue(`${path}.key`, key, "requires metadata.name be non-empty"));
    else errors.push(...invalidTexts(`${path}.key`, `${policy}/${key}`, checkQualifiedName(`${policy}/${key}`)));
    const length = new TextEncoder().encode(valueExpression.trim()).length;
    if (length === 0) errors.push(required(`${path}.valueExpression`, "valueExpression is not specified"));
    else if (length > VALUE_EXPRESSION_BYTES_MAX) {
      const why = `must not exceed ${VALUE_EXPRESSION_BYTES_MAX} bytes in length`;
      errors.push(required(`${path}.valueExpression`, why));
    } else errors.push(...faultsAt(`${path}.valueExpression`));
    if (keys.has(key)) errors.push(duplicate(`${path}.key`, key));
    keys.add(key);
  }
  return errors;
}

export function validateValidatingPolicyStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  return (status?.typeChecking?.expressionWarnings ?? []).flatMap((warning, index) =>
    validateWarning(warning, `status.typeChecking.expressionWarnings[${index}]`),
  );
}

function validateWarning({ warning, fieldRef }: ExpressionWarning, path: string): FieldError[] {
  return [
    ...(warning === "" ? [required(`${path}.warning`)] : []),
    ...(fieldRef.trim() === "" ? [required(`${path}.fieldRef`)] : []),
  ];
}
