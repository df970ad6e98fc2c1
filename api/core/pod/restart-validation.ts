// When a container begins again: by itself, by the code it ended with, or because its resources changed.

import type { Container, ContainerResizePolicy, ContainerRestartRule } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, invalidValue, notSupported, required, tooMany } from "../../meta/field-error.ts";
import { validateChoice } from "../../meta/value-validation.ts";

const RESTART_POLICIES = ["Always", "Never", "OnFailure"];
const RULES_MAX = 20;
const RULE_ACTIONS = ["Restart", "RestartAllContainers"];
const EXIT_CODE_OPERATORS = ["In", "NotIn"];
const EXIT_CODES_MAX = 255;

export function validateContainerRestart(container: Container, path: string): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  if (restartPolicy === undefined && rules.length === 0) return [];
  return [
    ...(restartPolicy === undefined ? [requirePolicy(path)] : []),
    ...(restartPolicy !== undefined && !RESTART_POLICIES.includes(restartPolicy)
      ? [notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES)]
      : []),
    ...validateRules(rules, `${path}.restartPolicyRules`),
  ];
}

/** Rules without a policy are looked at no further. */
export function validateInitRestart(container: Container, path: string): FieldError[] {
  if (container.restartPolicy !== undefined) return validateContainerRestart(container, path);
  return container.restartPolicyRules?.length ? [requirePolicy(path)] : [];
}

function requirePolicy(path: string): FieldError {
  return required(`${path}.restartPolicy`, "must specify restartPolicy when restart rules are used");
}

function validateRules(rules: readonly ContainerRestartRule[], path: string): FieldError[] {
  const errors = rules.length > RULES_MAX ? [tooMany(path, rules.length, RULES_MAX)] : [];
  for (const [i, { action = "", exitCodes }] of rules.entries()) {
    const field = `${path}[${i}]`;
    if (!RULE_ACTIONS.includes(action)) errors.push(notSupported(`${field}.action`, action, RULE_ACTIONS));
    if (!exitCodes) {
      errors.push(required(`${field}.exitCodes`, "must be specified"));
      continue;
    }
    const { operator = "", values = [] }: Partial<typeof exitCodes> = exitCodes;
    if (!EXIT_CODE_OPERATORS.includes(operator)) {
      errors.push(notSupported(`${field}.exitCodes.operator`, operator, EXIT_CODE_OPERATORS));
    }
    if (values.length > EXIT_CODES_MAX) {
      errors.push(tooMany(`${field}.exitCodes.values`, values.length, EXIT_CODES_MAX));
    }
  }
  return errors;
}

const RESIZED_RESOURCES = ["cpu", "memory"];
const RESIZE_POLICIES = ["NotRequired", "RestartContainer"];

export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[],
  podRestartPolicy: string | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return policies.flatMap(({ resourceName = "", restartPolicy = "" }: Partial<ContainerResizePolicy>, i) => {
    const errors = seen.has(resourceName) ? [duplicate(`${path}[${i}]`, resourceName)] : [];
    seen.add(resourceName);
    errors.push(
      ...validateChoice(resourceName, RESIZED_RESOURCES, path),
      ...validateChoice(restartPolicy, RESIZE_POLICIES, path),
    );
    if (podRestartPolicy === "Never" && restartPolicy !== "NotRequired") {
      const text = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
      errors.push(invalidValue(path, restartPolicy, text));
    }
    return errors;
  });
}
