// The short way the built-in roles are written down: a rule is a line of words, the way people say it.

import type { RbacV1Subject, RoleRef } from "@atoll/api/generated/types";
import { type PolicyRule, RBAC_GROUP } from "@atoll/api/rbac/policy-rule";

export interface BootstrapRole {
  readonly name: string;
  readonly namespace?: string;
  /** Which roles take this one's rules in, by the end of their aggregation label. */
  readonly aggregatedTo?: string;
  /** Whose rules this role takes in, likewise. */
  readonly aggregates?: string;
  readonly rules: readonly PolicyRule[];
}

export interface BootstrapBinding {
  readonly name: string;
  readonly namespace?: string;
  readonly role: string;
  readonly subjects: readonly RbacV1Subject[];
}

/** The group without a name is written "core". Names, where given, are the only objects meant. */
export function rule(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: words(groups).map((name) => (name === "core" ? "" : name)),
    resources: words(resources),
    ...(names === undefined ? {} : { resourceNames: words(names) }),
  };
}

export function paths(verbs: string, urls: string): PolicyRule {
  return { verbs: words(verbs), nonResourceURLs: words(urls) };
}

export function user(name: string): RbacV1Subject {
  return { kind: "User", apiGroup: RBAC_GROUP, name };
}

export function group(name: string): RbacV1Subject {
  return { kind: "Group", apiGroup: RBAC_GROUP, name };
}

export function account(namespace: string, name: string): RbacV1Subject {
  return { kind: "ServiceAccount", namespace, name };
}

const AGGREGATE_LABEL = "rbac.authorization.k8s.io/aggregate-to-";
export const AUTOUPDATE_ANNOTATION = "rbac.authorization.kubernetes.io/autoupdate";

export type RoleObject = ReturnType<typeof roleObject>;
export type BindingObject = ReturnType<typeof bindingObject>;

/** The role as it is stored. */
export function roleObject({ name, namespace, aggregatedTo = "", aggregates = "", rules }: BootstrapRole) {
  const labels = Object.fromEntries(words(aggregatedTo).map((role) => [`${AGGREGATE_LABEL}${role}`, "true"]));
  const selectors = words(aggregates).map((role) => ({ matchLabels: { [`${AGGREGATE_LABEL}${role}`]: "true" } }));
  return {
    metadata: metadataOf({ name, namespace }, labels),
    ...(selectors.length > 0 ? { aggregationRule: { clusterRoleSelectors: selectors } } : {}),
    rules: structuredClone(rules) as PolicyRule[], // a copy may be written to
  };
}

export function bindingObject({ name, namespace, role, subjects }: BootstrapBinding) {
  const roleRef: RoleRef = {
    apiGroup: RBAC_GROUP,
    kind: namespace === undefined ? "ClusterRole" : "Role",
    name: role,
  };
  return {
    metadata: metadataOf({ name, namespace }, {}),
    roleRef,
    subjects: structuredClone(subjects) as RbacV1Subject[], // a copy may be written to
  };
}

function metadataOf(
  { name, namespace }: { readonly name: string; readonly namespace: string | undefined },
  labels: Readonly<Record<string, string>>,
) {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    annotations: { [AUTOUPDATE_ANNOTATION]: "true" },
    labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...labels },
  };
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
