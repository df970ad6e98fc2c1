// A ClusterRole with an aggregation rule has the rules of all ClusterRoles that its selectors find: so that whoever brings a
// new kind adds to "admin", "edit" and "view" without touching them.

import { ClusterRole } from "@atoll/api/rbac/cluster-role/kind";
import type { PolicyRule } from "@atoll/api/rbac/policy-rule";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import type { ObjectName } from "@atoll/machinery/client/client";
import { type CacheReader, type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";

export const clusterRoleAggregation: ControllerDefinition = defineController({
  name: "cluster-role-aggregation",
  watches: [{ resource: ClusterRole, keysOf: aggregatingRoles }],
  owns: ["ClusterRole.rules"],
  async reconcile(key, { client, cache, signal }) {
    const roles = cache.of(ClusterRole);
    const role = roles.get(key);
    if (!role?.aggregationRule) return undefined;
    const rules = aggregatedRules(role, roles.list());
    if (!isEqualJson(rules, role.rules ?? [])) await client.update(ClusterRole, { ...role, rules }, { signal });
    return undefined;
  },
});

/** Any change may concern any of them, and there are few: each finds out for itself. */
function aggregatingRoles(_changed: ClusterRole, cache: CacheReader): ObjectName[] {
  return cache
    .of(ClusterRole)
    .list()
    .filter(({ aggregationRule }) => aggregationRule)
    .map(({ metadata }) => ({ name: metadata.name ?? "" }));
}

/** Each rule once, selector by selector and name by name, so that the same roles always give the same list. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules: PolicyRule[] = [];
  const sorted = [...all].sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of sorted) {
      if (other.metadata.name === role.metadata.name || !selectsLabels(selector, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) if (!rules.some((known) => isEqualJson(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
