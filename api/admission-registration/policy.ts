// What the two kinds of admission policy and their bindings have in common.

import type {
  LabelSelector,
  MatchCondition,
  MatchResources,
  ParamKind,
  ParamRef,
  Variable,
} from "../generated/types.ts";
import type { FaultsAt, FieldError, PrinterColumn } from "../kind.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../meta/columns.ts";
import { forbidden, invalidValue, isEqualJson, notSupported, required } from "../meta/field-error.ts";
import { validateLabelSelector } from "../meta/label-selector-validation.ts";
import { checkDns1035Label, checkDns1123Subdomain, checkPathSegment } from "../meta/names.ts";
import { invalidTexts, validateChoice, validateOptionalChoice } from "../meta/value-validation.ts";
import { validateMatchConditions } from "./match-condition.ts";
import { applyRuleDefaults, validateNamedRule } from "./rule.ts";

const FAILURE_POLICIES = ["Fail", "Ignore"] as const;
const MATCH_POLICIES = ["Equivalent", "Exact"] as const;
const NOT_FOUND_ACTIONS = ["Deny", "Allow"] as const;

export const BINDING_COLUMNS: readonly PrinterColumn[] = [
  NAME_COLUMN,
  textColumn("PolicyName", "The policy that is bound."),
  textColumn("ParamRef", "The object that the policy takes its parameters from."),
  AGE_COLUMN,
];

export const PARAM_KIND_COLUMN = textColumn(
  "ParamKind",
  "The kind of object that the policy takes its parameters from.",
);

export function showParamKind(kind: ParamKind | undefined): string {
  return kind ? `${kind.apiVersion ?? ""}/${kind.kind ?? ""}` : "<unset>";
}

export function showParamRef(ref: ParamRef | undefined): string {
  if (ref?.name) return `${ref.namespace ? ref.namespace : "*"}/${ref.name}`;
  return ref?.selector ? showSelector(ref.selector) : "<unset>";
}

/** As Go prints it. */
function showSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = labels.map(([key, value]) => `${key}: ${value},`).join("");
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${texts}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}

interface Policy {
  spec: {
    failurePolicy?: string;
    matchConstraints?: MatchResources;
    matchConditions?: readonly MatchCondition[];
    paramKind?: ParamKind;
  };
}

export function applyPolicyDefaults(policy: Policy): void {
  policy.spec ??= {};
  policy.spec.failurePolicy ??= "Fail";
  applyMatchDefaults(policy.spec.matchConstraints);
}

export function applyBindingDefaults(binding: { spec: { matchResources?: MatchResources } }): void {
  binding.spec ??= {};
  applyMatchDefaults(binding.spec.matchResources);
}

function applyMatchDefaults(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  applyRuleDefaults(match.resourceRules);
  applyRuleDefaults(match.excludeResourceRules);
}

export function validateFailurePolicy(policy: string | undefined, path: string): FieldError[] {
  return validateOptionalChoice(policy, FAILURE_POLICIES, path);
}

/** Conditions that have been taken once stay. */
export function validatePolicyConditions(
  { matchConditions = [], paramKind }: Policy["spec"],
  old: Policy["spec"] | undefined,
  faultsAt: FaultsAt,
): FieldError[] {
  const isSame =
    old && isEqualJson(paramKind, old.paramKind) && isEqualJson(matchConditions, old.matchConditions ?? []);
  return isSame ? [] : validateMatchConditions(matchConditions, "spec.matchConditions", faultsAt);
}

export function validateMatchConstraints(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return [required(path)];
  const errors = validateMatchResources(match, path);
  // Without a rule nobody knows what kind of object the expressions speak of.
  return (match.resourceRules ?? []).length === 0 ? [...errors, required(`${path}.resourceRules`)] : errors;
}

export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return [];
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match;
  return [
    ...validateOptionalChoice(matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`),
    ...selectorErrors(namespaceSelector, `${path}.namespaceSelector`),
    ...selectorErrors(objectSelector, `${path}.objectSelector`),
    ...resourceRules.flatMap((rule, index) => validateNamedRule(rule, `${path}.resourceRules[${index}]`)),
    ...excludeResourceRules.flatMap((rule, index) => validateNamedRule(rule, `${path}.excludeResourceRules[${index}]`)),
  ];
}

function selectorErrors(selector: LabelSelector | undefined, path: string): FieldError[] {
  return selector ? validateLabelSelector(selector, path) : [required(path)];
}

const MUTABLE_OPERATIONS: readonly string[] = ["*", "CONNECT", "CREATE", "UPDATE"];

/** What is deleted cannot be changed. */
export function validateMutableOperations(match: MatchResources | undefined, path: string): FieldError[] {
  const operations = (match?.resourceRules ?? []).flatMap((rule) => rule.operations ?? []);
  return operations
    .filter((operation) => !MUTABLE_OPERATIONS.includes(operation))
    .map((operation) => notSupported(`${path}.resourceRules.operations`, operation, MUTABLE_OPERATIONS));
}

export function validateParamKind(kind: ParamKind | undefined, path: string): FieldError[] {
  if (!kind) return [];
  const { apiVersion = "" } = kind;
  const errors =
    apiVersion === "" ? [required(`${path}.apiVersion`)] : apiVersionErrors(apiVersion, `${path}.apiVersion`);
  if (!kind.kind) return [...errors, required(`${path}.kind`)];
  const texts = checkDns1035Label(kind.kind.toLowerCase());
  if (texts.length === 0) return errors;
  const why = `may have mixed case, but should otherwise match: ${texts.join(",")}`;
  return [...errors, invalidValue(`${path}.kind`, kind.kind, why)];
}

function apiVersionErrors(apiVersion: string, path: string): FieldError[] {
  const parts = apiVersion.split("/");
  if (parts.length > 2) return [invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group = "", version = ""] = parts.length === 2 ? parts : ["", apiVersion];
  const groupTexts = group === "" ? [] : checkDns1123Subdomain(group);
  const errors = groupTexts.length === 0 ? [] : [invalidValue(path, group, groupTexts.join(","))];
  if (version === "") return [...errors, invalidValue(path, apiVersion, "version must be specified")];
  const texts = checkDns1035Label(version);
  return texts.length === 0 ? errors : [...errors, invalidValue(path, version, texts.join(","))];
}

/** Words of the language are no names of variables. */
const RESERVED: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

export function validateVariables(variables: readonly Variable[], path: string, faultsAt: FaultsAt): FieldError[] {
  return variables.flatMap(({ name, expression }, index) => {
    const errors: FieldError[] = [];
    if (name.trim() === "") errors.push(required(`${path}[${index}].name`, "name is not specified"));
    else if (!/^[_a-zA-Z]\w*$/.test(name) || RESERVED.has(name)) {
      errors.push(invalidValue(`${path}[${index}].name`, name, "must be a valid CEL identifier"));
    }
    if (expression.trim() === "") {
      errors.push(required(`${path}[${index}].expression`, "expression is not specified"));
    } else errors.push(...faultsAt(`${path}[${index}].expression`));
    return errors;
  });
}

export function validatePolicyName(name: string | undefined, path: string): FieldError[] {
  return name ? invalidTexts(path, name, checkDns1123Subdomain(name)) : [required(path)];
}

export function validateParamRef(ref: ParamRef | undefined, path: string): FieldError[] {
  if (!ref) return [];
  const { name = "", selector, parameterNotFoundAction: action } = ref;
  const errors: FieldError[] = [];
  const exclusive = "name and selector are mutually exclusive";
  if (name !== "") {
    errors.push(...invalidTexts(`${path}.name`, name, checkPathSegment(name)));
    if (selector) errors.push(forbidden(`${path}.name`, exclusive));
  }
  if (selector) {
    errors.push(...validateLabelSelector(selector, `${path}.selector`));
    if (name !== "") errors.push(forbidden(`${path}.selector`, exclusive));
  }
  if (name === "" && !selector) errors.push(required(path, "one of name or selector must be specified"));
  return [...errors, ...validateChoice(action, NOT_FOUND_ACTIONS, `${path}.parameterNotFoundAction`)];
}
