// What the policy says of a request: the first rule that it matches, or that nothing of it is written.

import type { AuditLevel, AuditPolicy, AuditRule, AuditStage } from "@atoll/api/config/audit-policy";
import type { User } from "../request/request.ts";
import type { RequestInfo } from "../request/request-info.ts";

export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

const NOTHING: AuditDecision = { level: "None", omitStages: new Set(), omitManagedFields: false };

export function decideAudit(policy: AuditPolicy, user: User, info: RequestInfo): AuditDecision {
  const rule = policy.rules.find((entry) => matches(entry, user, info));
  if (!rule) return NOTHING;
  return {
    level: rule.level,
    omitStages: new Set([...policy.omitStages, ...rule.omitStages]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
  };
}

function matches(rule: AuditRule, user: User, info: RequestInfo): boolean {
  if (rule.users.length > 0 && !rule.users.includes(user.name)) return false;
  if (rule.userGroups.length > 0 && !rule.userGroups.some((group) => user.groups.includes(group))) return false;
  if (rule.verbs.length > 0 && !rule.verbs.includes(info.verb)) return false;
  if (rule.namespaces.length > 0 || rule.resources.length > 0) return matchesResource(rule, info);
  return rule.nonResourceURLs.length === 0 || matchesPath(rule, info);
}

function matchesResource({ namespaces, resources }: AuditRule, info: RequestInfo): boolean {
  if (!info.isResourceRequest) return false;
  if (namespaces.length > 0 && !namespaces.includes(info.namespace)) return false;
  if (resources.length === 0) return true;
  const whole = info.subresource === "" ? info.resource : `${info.resource}/${info.subresource}`;
  // "*/scale" is that of every resource, "pods/*" every one of pods.
  const names = new Set(["*", whole, `*/${info.subresource}`, `${info.resource}/*`]);
  return resources.some(
    (entry) =>
      entry.group === info.group &&
      (entry.resourceNames.length === 0 || entry.resourceNames.includes(info.name)) &&
      (entry.resources.length === 0 || entry.resources.some((name) => names.has(name))),
  );
}

function matchesPath({ nonResourceURLs }: AuditRule, { isResourceRequest, path }: RequestInfo): boolean {
  if (isResourceRequest) return false;
  return nonResourceURLs.some(
    (url) => url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))),
  );
}
