// Label selectors in both their forms, text ("app=web,tier in (a,b),!old") and object (matchLabels and matchExpressions),
// as one list of requirements that all must hold. Reading gives either the requirements or a sentence what is wrong.

import { checkLabelValue, checkQualifiedName } from "./names.ts";
import type { LabelSelector } from "./types.ts";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Equals" | "NotEquals" | "GreaterThan" | "LessThan";
  /** Sorted. */
  readonly values: readonly string[];
}

export type SelectorResult = { readonly requirements: readonly LabelRequirement[] } | { readonly error: string };

/** More requirements than a person or a controller ever writes; bounds the work per object. */
export const REQUIREMENTS_MAX = 1000;

export function matchesLabels(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return requirements.every((requirement) => matchesRequirement(requirement, labels ?? {}));
}

function matchesRequirement(
  { key, operator, values }: LabelRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
    case "Equals":
      return value !== undefined && values.includes(value);
    case "NotIn":
    case "NotEquals":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "GreaterThan":
    case "LessThan": {
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      const [limit] = values;
      const difference = BigInt(value) - BigInt(limit ?? "0");
      return operator === "GreaterThan" ? difference > 0n : difference < 0n;
    }
  }
}

/** The object form. An empty selector has no requirements and matches everything; undefined matches nothing (null). */
export function requirementsOf(selector: LabelSelector): readonly LabelRequirement[] {
  const labels = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): LabelRequirement => ({ key, operator: "Equals", values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }): LabelRequirement => ({ key, operator, values: [...(values ?? [])].sort() }),
  );
  return [...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** True when the object form selects an object with these labels; an undefined selector selects nothing. */
export function selectsLabels(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return selector !== undefined && matchesLabels(requirementsOf(selector), labels);
}

/** The canonical text, as `kubectl get -o wide` shows it. */
export function formatRequirements(requirements: readonly LabelRequirement[]): string {
  return requirements.map(formatRequirement).join(",");
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "Equals":
      return `${key}=${values[0] ?? ""}`;
    case "NotEquals":
      return `${key}!=${values[0] ?? ""}`;
    case "In":
      return `${key} in (${values.join(",")})`;
    case "NotIn":
      return `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "GreaterThan":
      return `${key}>${values[0] ?? ""}`;
    case "LessThan":
      return `${key}<${values[0] ?? ""}`;
  }
}

/** The text form. */
export function parseLabelSelector(text: string): SelectorResult {
  const requirements: LabelRequirement[] = [];
  for (const part of splitRequirements(text)) {
    const trimmed = part.trim();
    if (trimmed === "" && text.trim() === "") return { requirements: [] };
    const requirement = parseRequirement(trimmed);
    if ("error" in requirement) return requirement;
    requirements.push(requirement);
    if (requirements.length > REQUIREMENTS_MAX) return { error: `more than ${REQUIREMENTS_MAX} requirements` };
  }
  return { requirements: requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) };
}

/** At commas outside parentheses. */
function splitRequirements(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === "(") depth += 1;
    else if (text[i] === ")") depth -= 1;
    else if (text[i] === "," && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

const SET_REQUIREMENT = /^([^\s!=<>(),]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const COMPARISON = /^([^\s!=<>(),]+)\s*(==|=|!=|>|<)\s*([^\s!=<>(),]*)$/;
const EXISTENCE = /^(!?)\s*([^\s!=<>(),]+)$/;

function parseRequirement(text: string): LabelRequirement | { readonly error: string } {
  const set = SET_REQUIREMENT.exec(text);
  if (set) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return checked({
      key: set[1] ?? "",
      operator: set[2] === "in" ? "In" : "NotIn",
      values: [...new Set(values)].sort(),
    });
  }
  const comparison = COMPARISON.exec(text);
  if (comparison) {
    const [, key = "", symbol = "=", value = ""] = comparison;
    return checked({ key, operator: OPERATORS[symbol] ?? "Equals", values: [value] });
  }
  const existence = EXISTENCE.exec(text);
  if (existence) {
    return checked({ key: existence[2] ?? "", operator: existence[1] === "!" ? "DoesNotExist" : "Exists", values: [] });
  }
  return {
    error:
      text === ""
        ? "found '', expected: !, identifier, or 'end of string'"
        : `found '${text}', expected a key with an optional operator and values`,
  };
}

const OPERATORS: Readonly<Record<string, LabelRequirement["operator"]>> = {
  "=": "Equals",
  "==": "Equals",
  "!=": "NotEquals",
  ">": "GreaterThan",
  "<": "LessThan",
};

function checked(requirement: LabelRequirement): LabelRequirement | { readonly error: string } {
  const [badKey] = checkQualifiedName(requirement.key);
  if (badKey !== undefined) return { error: `key: Invalid value: ${JSON.stringify(requirement.key)}: ${badKey}` };
  if (requirement.operator === "GreaterThan" || requirement.operator === "LessThan") {
    if (!/^-?\d+$/.test(requirement.values[0] ?? "")) {
      return {
        error: `values[0]: Invalid value: ${JSON.stringify(requirement.values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`,
      };
    }
  }
  for (const [i, value] of requirement.values.entries()) {
    const [badValue] = checkLabelValue(value);
    if (badValue !== undefined) {
      return { error: `values[${i}][${requirement.key}]: Invalid value: ${JSON.stringify(value)}: ${badValue}` };
    }
  }
  return requirement;
}
