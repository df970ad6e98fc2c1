// Rules as error messages and rule reviews show them: joined where they differ in verbs only, and in upstream's notation.

import type { PolicyRule } from "@atoll/api/rbac/policy-rule";

/** Rules of one group and one resource each are joined when all but their verbs is the same; others stay as they are. */
export function joinVerbs(rules: readonly PolicyRule[]): PolicyRule[] {
  const joined: PolicyRule[] = [];
  const byPlace = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
    const isSimple =
      apiGroups.length === 1 && resources.length === 1 && resourceNames.length <= 1 && nonResourceURLs.length === 0;
    const place = JSON.stringify([apiGroups, resources, resourceNames]);
    const present = isSimple ? byPlace.get(place) : undefined;
    if (present) {
      present.verbs.push(...rule.verbs);
      continue;
    }
    const copy = structuredClone(rule);
    if (isSimple) byPlace.set(place, copy);
    joined.push(copy);
  }
  return joined;
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`, sorted, one each line. */
export function describeRules(rules: readonly PolicyRule[]): string {
  return [...new Set(joinVerbs(rules).map(describeRule))].sort().join("\n");
}

function describeRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const fields: readonly [string, readonly string[] | undefined][] = [
    ["APIGroups", apiGroups],
    ["Resources", resources],
    ["NonResourceURLs", nonResourceURLs],
    ["ResourceNames", resourceNames],
    ["Verbs", verbs],
  ];
  const shown = fields.flatMap(([name, values]) => (values?.length ? [`${name}:${quoteList(values)}`] : []));
  return `{${shown.join(", ")}}`;
}

/** `["a" "b"]`: how Go prints a list of strings. */
export function quoteList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}
