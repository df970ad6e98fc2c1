// One binding, seen from each of its subjects: the role he gets and where.

import type { RbacV1Subject, RoleRef } from "@atoll/api/generated/types";
import type { AnyBinding } from "@atoll/api/rbac/binding";
import { serviceAccountUserName } from "../../authentication/service-account-tokens.ts";
import type { User } from "../../request/request.ts";

export interface Grant {
  /** Name of the binding. */
  readonly binding: string;
  /** "" for the whole cluster. */
  readonly namespace: string;
  readonly role: RoleRef;
  readonly subject: RbacV1Subject;
}

/** By the key of a subject, then by the binding's name. */
export type GrantsBySubject = Map<string, Map<string, Grant>>;

const USER = "u:";
const GROUP = "g:";

/** The keys of everything the user is called. */
export function userKeys({ name, groups }: User): string[] {
  const keys = [USER + name];
  for (const group of groups) keys.push(GROUP + group);
  return keys;
}

/** For a subject that is there twice, the first counts. */
export function bindingEntries(binding: AnyBinding): { readonly key: string; readonly grant: Grant }[] {
  const namespace = binding.metadata.namespace ?? "";
  const entries = new Map<string, Grant>();
  for (const subject of binding.subjects ?? []) {
    const key = subjectKey(subject, namespace);
    if (key === undefined || entries.has(key)) continue;
    entries.set(key, { binding: binding.metadata.name ?? "", namespace, role: binding.roleRef, subject });
  }
  return [...entries].map(([key, grant]) => ({ key, grant }));
}

export function grantsOf(bySubject: GrantsBySubject, key: string): Map<string, Grant> {
  const present = bySubject.get(key);
  if (present) return present;
  const grants = new Map<string, Grant>();
  bySubject.set(key, grants);
  return grants;
}

/** Upstream's words: `ClusterRoleBinding "b" of ClusterRole "r" to User "u"`. */
export function describeGrant({ binding, namespace, role, subject }: Grant): string {
  const what =
    namespace === ""
      ? `ClusterRoleBinding ${JSON.stringify(binding)}`
      : `RoleBinding ${JSON.stringify(`${binding}/${namespace}`)}`;
  const who =
    subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace || namespace}` : (subject.name ?? "");
  return `${what} of ${role.kind} ${JSON.stringify(role.name)} to ${subject.kind} ${JSON.stringify(who)}`;
}

function subjectKey({ kind, name, namespace }: RbacV1Subject, bindingNamespace: string): string | undefined {
  switch (kind) {
    case "User":
      return USER + name;
    case "Group":
      return GROUP + name;
    case "ServiceAccount": {
      // Inside a namespace its own accounts need not say where they are.
      const home = namespace || bindingNamespace;
      return home === "" ? undefined : USER + serviceAccountUserName(home, name);
    }
    default:
      return undefined;
  }
}
