// Whether a rule of a webhook or a policy speaks of a request. Pure: what the request is about is handed in.

import type { RuleWithOperations } from "@atoll/api/generated/types";

const ALL = "*";

/** What rules are about. */
export interface RuleSubject {
  readonly operation: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource: string;
  /** Of the resource: namespaces themselves are cluster-scoped, although a request for one has its name as namespace. */
  readonly scope: "Namespaced" | "Cluster";
}

export function matchesRule(rule: RuleWithOperations, subject: RuleSubject): boolean {
  return (
    matchesScope(rule.scope, subject) &&
    matchesWord(rule.operations, subject.operation) &&
    matchesWord(rule.apiGroups, subject.group) &&
    matchesWord(rule.apiVersions, subject.version) &&
    (rule.resources ?? []).some((pattern) => matchesResource(pattern, subject))
  );
}

function matchesScope(scope: string | undefined, subject: RuleSubject): boolean {
  return scope === undefined || scope === ALL || scope === subject.scope;
}

function matchesWord(words: readonly string[] | undefined, wanted: string): boolean {
  return (words ?? []).some((word) => word === ALL || word === wanted);
}

/** "pods", "pods/log", "pods/*", "*", "* /scale" and "* / *" (without the spaces): a word without a slash means no subresource. */
function matchesResource(pattern: string, { plural, subresource }: RuleSubject): boolean {
  const slash = pattern.indexOf("/");
  const resource = slash < 0 ? pattern : pattern.slice(0, slash);
  const sub = slash < 0 ? "" : pattern.slice(slash + 1);
  return (resource === ALL || resource === plural) && (sub === ALL || sub === subresource);
}
