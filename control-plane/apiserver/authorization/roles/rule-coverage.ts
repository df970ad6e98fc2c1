// Whether one set of rules allows everything that another does: nobody may hand out what he does not have.

import { ALL, type PolicyRule } from "@atoll/api/rbac/policy-rule";
import { trimEnd } from "@atoll/base/trim-end";

/** What `wanted` allows and `held` does not, as rules of one verb, one group, one resource and at most one name each. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(splitRule).filter((single) => !held.some((rule) => covers(rule, single)));
}

/** A rule as equal ones that are as small as can be. */
export function splitRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): PolicyRule[] {
  const names = resourceNames?.length ? resourceNames.map((name) => [name]) : [undefined];
  const onResources = (apiGroups ?? []).flatMap((group) =>
    (resources ?? []).flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({
          apiGroups: [group],
          resources: [resource],
          verbs: [verb],
          ...(name ? { resourceNames: name } : {}),
        })),
      ),
    ),
  );
  const onPaths = (nonResourceURLs ?? []).flatMap((url) =>
    verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
  );
  return [...onResources, ...onPaths];
}

function covers(rule: PolicyRule, single: PolicyRule): boolean {
  const { resourceNames = [] } = rule;
  const wantedNames = single.resourceNames ?? [];
  return (
    hasAll(rule.verbs, single.verbs) &&
    hasAll(rule.apiGroups ?? [], single.apiGroups ?? []) &&
    (single.resources ?? []).every((resource) => hasResource(rule.resources ?? [], resource)) &&
    (single.nonResourceURLs ?? []).every((url) => (rule.nonResourceURLs ?? []).some((held) => coversPath(held, url))) &&
    (resourceNames.length === 0 ||
      (wantedNames.length > 0 && wantedNames.every((name) => resourceNames.includes(name))))
  );
}

function hasAll(held: readonly string[], wanted: readonly string[]): boolean {
  return held.includes(ALL) || wanted.every((word) => held.includes(word));
}

function hasResource(held: readonly string[], resource: string): boolean {
  if (held.includes(ALL) || held.includes(resource)) return true;
  const slash = resource.indexOf("/");
  return slash >= 0 && held.includes(`${ALL}${resource.slice(slash)}`);
}

function coversPath(held: string, path: string): boolean {
  return held === path || (held.endsWith(ALL) && path.startsWith(trimEnd(held, ALL)));
}
