// Which failures of a pod count, and when a job counts as done before all of its indexes are.

import type { JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import {
  duplicate,
  invalidRule,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";
import { invalidTexts, validateNotNegative } from "../../meta/value-validation.ts";
import { parseIndexes } from "./indexes.ts";

const RULES_MAX = 20;
const EXIT_CODES_MAX = 255;
const CONDITIONS_MAX = 20;
const INDEXES_CHARACTERS_MAX = 65_536;
const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS = ["In", "NotIn"];
const STATUSES = ["False", "True", "Unknown"];

export function validateFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  if (!spec.podFailurePolicy) return [];
  const rules = spec.podFailurePolicy.rules ?? [];
  const errors = rules.length > RULES_MAX ? [tooMany(`${path}.rules`, rules.length, RULES_MAX)] : [];
  const pod = spec.template?.spec;
  const containers = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name));
  return [
    ...errors,
    ...rules.flatMap((rule, i) => validateFailureRule(spec, rule, { path: `${path}.rules[${i}]`, containers })),
  ];
}

function validateFailureRule(
  spec: JobSpec,
  rule: PodFailurePolicyRule,
  { path, containers }: { readonly path: string; readonly containers: ReadonlySet<string> },
): FieldError[] {
  const errors = validateWord(rule.action, ACTIONS, `${path}.action`);
  if (rule.action === "FailIndex" && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalidValue(`${path}.action`, rule.action, "requires the backoffLimitPerIndex to be set"));
  }
  const conditions = rule.onPodConditions ?? [];
  if (rule.onExitCodes) errors.push(...validateExitCodes(rule.onExitCodes, `${path}.onExitCodes`, containers));
  if (conditions.length > CONDITIONS_MAX) {
    errors.push(tooMany(`${path}.onPodConditions`, conditions.length, CONDITIONS_MAX));
  }
  for (const [i, { type, status }] of conditions.entries()) {
    const field = `${path}.onPodConditions[${i}]`;
    errors.push(...invalidTexts(`${field}.type`, type, checkQualifiedName(type)));
    errors.push(...validateWord(status, STATUSES, `${field}.status`));
  }
  if (rule.onExitCodes && conditions.length > 0) {
    errors.push(invalidRule(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (!rule.onExitCodes && conditions.length === 0) {
    errors.push(invalidRule(path, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
  return errors;
}

function validateWord(value: string | undefined, choices: readonly string[], field: string): FieldError[] {
  if (!value) return [required(field, `valid values: [${choices.map((choice) => JSON.stringify(choice)).join(" ")}]`)];
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function validateExitCodes(
  { operator, containerName, values = [] }: NonNullable<PodFailurePolicyRule["onExitCodes"]>,
  path: string,
  containers: ReadonlySet<string>,
): FieldError[] {
  const errors = validateWord(operator, OPERATORS, `${path}.operator`);
  if (containerName !== undefined && !containers.has(containerName)) {
    const text = "must be one of the container or initContainer names in the pod template";
    errors.push(invalidValue(`${path}.containerName`, containerName, text));
  }
  if (values.length === 0) errors.push(invalidValue(`${path}.values`, values, "at least one value is required"));
  else if (values.length > EXIT_CODES_MAX) errors.push(tooMany(`${path}.values`, values.length, EXIT_CODES_MAX));
  const repeated = repeatedPlaces(values);
  for (const [i, value] of values.entries()) {
    const field = `${path}.values[${i}]`;
    if (operator === "In" && value === 0) {
      errors.push(invalidValue(field, value, "must not be 0 for the In operator"));
    }
    if (repeated.has(i)) errors.push(duplicate(field, value));
  }
  if (values.some((value, i) => i > 0 && (values[i - 1] ?? 0) > value)) {
    errors.push(invalidValue(`${path}.values`, values, "must be ordered"));
  }
  return errors;
}

export function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  if (!spec.successPolicy) return [];
  if (spec.completionMode !== "Indexed") {
    return [invalidValue(path, spec.successPolicy, "requires indexed completion mode")];
  }
  const rules = spec.successPolicy.rules ?? [];
  const field = `${path}.rules`;
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    errors.push(required(field, "at least one rules must be specified when the successPolicy is specified"));
  }
  if (rules.length > RULES_MAX) errors.push(tooMany(field, rules.length, RULES_MAX));
  return [...errors, ...rules.flatMap((rule, i) => validateSuccessRule(rule, spec.completions ?? 0, `${field}[${i}]`))];
}

function validateSuccessRule(
  { succeededCount, succeededIndexes }: SuccessPolicyRule,
  completions: number,
  path: string,
): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [required(path, "at least one of succeededCount or succeededIndexes must be specified")];
  }
  const errors: FieldError[] = [];
  let indexCount = 0;
  if (succeededIndexes !== undefined) {
    const field = `${path}.succeededIndexes`;
    if (succeededIndexes.length > INDEXES_CHARACTERS_MAX) errors.push(tooLong(field, INDEXES_CHARACTERS_MAX));
    const result = parseIndexes(succeededIndexes, completions);
    if ("count" in result) indexCount = result.count;
    else errors.push(invalidValue(field, succeededIndexes, `error parsing succeededIndexes: ${result.error}`));
  }
  if (succeededCount === undefined) return errors;
  const field = `${path}.succeededCount`;
  errors.push(...validateNotNegative(succeededCount, field));
  if (succeededCount > completions) {
    const text = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(invalidValue(field, succeededCount, text));
  }
  if (succeededIndexes !== undefined && succeededCount > indexCount) {
    const text = `must be less than or equal to ${indexCount} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalidValue(field, succeededCount, text));
  }
  return errors;
}
