// Which FlowSchema a request has: the first, in the order of their precedence, with a rule for its user and for what it does.

import type { FlowSchema } from "@atoll/api/flowcontrol/flow-schema/kind";
import type {
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "@atoll/api/generated/types";
import { serviceAccountUserName } from "../authentication/service-account-tokens.ts";
import type { User } from "../request/request.ts";
import type { RequestInfo } from "../request/request-info.ts";

const ACCOUNT_PREFIX = "system:serviceaccount:";

/** What of a request decides. */
export type FlowDigest = Pick<
  RequestInfo,
  "isResourceRequest" | "verb" | "path" | "group" | "resource" | "subresource" | "namespace"
>;

export function sortSchemas(schemas: readonly FlowSchema[]): FlowSchema[] {
  const precedence = ({ spec }: FlowSchema) => spec?.matchingPrecedence ?? 0;
  return schemas.toSorted(
    (a, b) => precedence(a) - precedence(b) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1),
  );
}

export function matchesSchema({ spec }: FlowSchema, user: User, digest: FlowDigest): boolean {
  return (spec?.rules ?? []).some((rule) => matchesRule(rule, user, digest));
}

function matchesRule(rule: PolicyRulesWithSubjects, user: User, digest: FlowDigest): boolean {
  if (!rule.subjects.some((subject) => isSubject(subject, user))) return false;
  if (digest.isResourceRequest) return (rule.resourceRules ?? []).some((entry) => matchesResource(entry, digest));
  return (rule.nonResourceRules ?? []).some((entry) => matchesPath(entry, digest));
}

function isSubject({ user: named, group, serviceAccount }: Subject, user: User): boolean {
  if (named) return named.name === "*" || named.name === user.name;
  if (group) return group.name === "*" || user.groups.includes(group.name);
  if (!serviceAccount) return false;
  const { name, namespace } = serviceAccount;
  if (name === "*") return user.name.startsWith(`${ACCOUNT_PREFIX}${namespace}:`);
  return user.name === serviceAccountUserName(namespace, name);
}

function has(words: readonly string[] | undefined, word: string): boolean {
  return words !== undefined && (words.includes("*") || words.includes(word));
}

function matchesResource(rule: ResourcePolicyRule, digest: FlowDigest): boolean {
  const { verb, group, resource, subresource, namespace } = digest;
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group)) return false;
  if (!has(rule.resources, subresource === "" ? resource : `${resource}/${subresource}`)) return false;
  return namespace === "" ? rule.clusterScope === true : has(rule.namespaces, namespace);
}

function matchesPath({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: FlowDigest): boolean {
  if (!has(verbs, verb)) return false;
  return nonResourceURLs.some(
    (url) => url === "*" || url === path || (url.endsWith("/*") && path.startsWith(url.slice(0, -1))),
  );
}
