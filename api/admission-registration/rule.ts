// Rules of webhooks and policies: which requests they speak of.

import type { NamedRuleWithOperations, RuleWithOperations } from "../generated/types.ts";
import type { FieldError } from "../kind.ts";
import { duplicate, invalidValue, notSupported, required } from "../meta/field-error.ts";
import { checkPathSegment } from "../meta/names.ts";
import { invalidTexts, validateOptionalChoice } from "../meta/value-validation.ts";
import { repeatedPlaces } from "../meta/repeats.ts";

const ALL = "*";
const OPERATIONS: readonly string[] = [ALL, "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES = [ALL, "Cluster", "Namespaced"] as const;

export function applyRuleDefaults(rules: readonly RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= ALL;
}

export function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const errors: FieldError[] = [];
  if (operations.length === 0) errors.push(required(`${path}.operations`));
  errors.push(...checkLonelyWildcard(operations, `${path}.operations`, "operations"));
  for (const [index, operation] of operations.entries()) {
    if (OPERATIONS.includes(operation)) continue;
    errors.push(notSupported(`${path}.operations[${index}]`, operation, OPERATIONS));
  }
  // The empty word is a group: the core one.
  if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`));
  errors.push(...checkLonelyWildcard(apiGroups, `${path}.apiGroups`, "API groups"));
  if (apiVersions.length === 0) errors.push(required(`${path}.apiVersions`));
  errors.push(...checkLonelyWildcard(apiVersions, `${path}.apiVersions`, "API versions"));
  for (const [index, version] of apiVersions.entries()) {
    if (version === "") errors.push(required(`${path}.apiVersions[${index}]`));
  }
  errors.push(...validateResources(resources, `${path}.resources`));
  errors.push(...validateOptionalChoice(scope, SCOPES, `${path}.scope`));
  return errors;
}

export function validateNamedRule(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const names = rule.resourceNames ?? [];
  const repeated = repeatedPlaces(names);
  const errors = names.flatMap((name, index) => {
    const place = `${path}.resourceNames[${index}]`;
    const texts = invalidTexts(place, name, checkPathSegment(name));
    return repeated.has(index) ? [...texts, duplicate(place, name)] : texts;
  });
  return [...errors, ...validateRule(rule, path)];
}

/** A word that means everything stands alone. */
function checkLonelyWildcard(words: readonly string[], path: string, noun: string): FieldError[] {
  if (words.length < 2 || !words.includes(ALL)) return [];
  return [invalidValue(path, words, `if '*' is present, must not specify other ${noun}`)];
}

function validateResources(resources: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (resources.length === 0) errors.push(required(path));
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  let isLastPlain = false;
  for (const [index, word] of resources.entries()) {
    const place = `${path}[${index}]`;
    if (word === "") {
      errors.push(required(place));
      continue;
    }
    const slash = word.indexOf("/");
    if (slash < 0) {
      isLastPlain = word !== ALL;
      continue;
    }
    const resource = word.slice(0, slash);
    const subresource = word.slice(slash + 1);
    if (wholeResources.has(resource)) {
      errors.push(invalidValue(place, word, `if '${resource}/*' is present, must not specify ${word}`));
    }
    if (wholeSubresources.has(subresource)) {
      errors.push(invalidValue(place, word, `if '*/${subresource}' is present, must not specify ${word}`));
    }
    if (subresource === ALL) wholeResources.add(resource);
    if (resource === ALL) wholeSubresources.add(subresource);
  }
  if (resources.length > 1 && resources.includes("*/*")) {
    errors.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes(ALL) && isLastPlain) {
    const text = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalidValue(path, resources, text));
  }
  return errors;
}
