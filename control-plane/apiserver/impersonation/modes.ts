// The ways in which somebody may act as somebody else (KEP 5284). The constrained ones take two rights: one to be the user at all
// ("impersonate:user-info" on users of authentication.k8s.io), and one to do this very thing as him ("impersonate-on:user-info:list" on
// pods). The legacy one takes "impersonate" on each part of the user, and then everything is open that is open to him.

import { checkDns1123Subdomain } from "@atoll/api/meta/names";
import { validateDomainPrefixedPath } from "@atoll/api/meta/value-validation";
import { MASTERS_GROUP, NODE_USER_PREFIX, NODES_GROUP } from "../authentication/authenticator.ts";
import {
  isAccountOn,
  parseServiceAccountUserName,
  serviceAccountGroups,
} from "../authentication/service-account-tokens.ts";
import type { User } from "../request/request.ts";
import { isNameOnly, type WantedUser } from "./wanted-user.ts";

export const AUTHENTICATION_GROUP = "authentication.k8s.io";
const NODE_KEYS = "authentication.kubernetes.io/associated-node-keys";

export interface ImpersonationMode {
  /** "user-info"; "legacy". */
  readonly name: string;
  /** Of the right to be the user: "impersonate:user-info". */
  readonly verb: string;
  /** API group of users and groups in that right. */
  readonly group: string;
  /** Whether each request takes a right of its own. */
  readonly isConstrained: boolean;
  /** Whether the mode is for such a user. */
  readonly applies: (wanted: WantedUser, requestor: User) => boolean;
  /** As whom the rights are asked for; undefined: as the requestor himself. */
  readonly asking?: (requestor: User) => User;
  /** In place of the name of whom the right is on; undefined: his own. */
  readonly anyName?: string;
}

function constrained(
  name: string,
  applies: ImpersonationMode["applies"],
  more: Partial<ImpersonationMode> = {},
): ImpersonationMode {
  const verb = `impersonate:${name}`;
  return { name, verb, group: AUTHENTICATION_GROUP, isConstrained: true, applies, ...more };
}

/** In the order in which they are tried. */
export const IMPERSONATION_MODES: readonly ImpersonationMode[] = [
  constrained(
    "associated-node",
    (wanted, requestor) => isNameOnly(wanted) && isAccountOn(requestor, nodeOf(wanted.name)),
    {
      // The right is the same on every node, so that it neither names one nor depends on the pod that asks.
      asking: (requestor) => ({ ...requestor, extra: { [NODE_KEYS]: Object.keys(requestor.extra ?? {}).sort() } }),
      anyName: "*",
    },
  ),
  constrained("arbitrary-node", (wanted) => isNameOnly(wanted) && nodeOf(wanted.name) !== undefined),
  constrained("serviceaccount", (wanted) => isNameOnly(wanted) && isAccount(wanted.name)),
  constrained("user-info", ({ name }) => nodeOf(name) === undefined && !isAccount(name)),
  { name: "legacy", verb: "impersonate", group: "", isConstrained: false, applies: () => true },
];

/** Undefined: the name is no host's. */
export function nodeOf(userName: string): string | undefined {
  if (!userName.startsWith(NODE_USER_PREFIX)) return undefined;
  const name = userName.slice(NODE_USER_PREFIX.length);
  return checkDns1123Subdomain(name).length === 0 ? name : undefined;
}

function isAccount(userName: string): boolean {
  return parseServiceAccountUserName(userName) !== undefined;
}

/** The groups that go with the name where none were asked for. */
export function impliedGroups({ isConstrained }: ImpersonationMode, { name, groups }: WantedUser): readonly string[] {
  if (groups.length > 0) return groups;
  if (isConstrained && nodeOf(name) !== undefined) return [NODES_GROUP];
  const account = parseServiceAccountUserName(name);
  return account ? serviceAccountGroups(account.namespace) : groups;
}

/** What no right allows in a constrained mode; `part` is what it is about. Undefined: nothing. */
export function neverAllowed({ groups, extra }: WantedUser): Refusal | undefined {
  if (groups.includes("")) {
    return { part: "groups", name: "", reason: "impersonating the empty string group is not allowed" };
  }
  if (groups.includes(MASTERS_GROUP)) {
    return { part: "groups", name: MASTERS_GROUP, reason: "impersonating the system:masters group is not allowed" };
  }
  for (const [field, values] of extra) {
    const reason = extraFault(field, values);
    if (reason !== undefined) return { part: "userextras", name: "", reason };
  }
  return undefined;
}

export interface Refusal {
  readonly part: "groups" | "userextras";
  readonly name: string;
  readonly reason: string;
}

function extraFault(field: string, values: readonly string[]): string | undefined {
  if (field === "") return "impersonating the empty string key in extra is not allowed";
  const [fault] = validateDomainPrefixedPath(field, "extra.key");
  if (fault) return `impersonating an invalid key in extra is not allowed: ${fault.field}: ${fault.message}`;
  if (field !== field.toLowerCase()) {
    return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(field)}`;
  }
  if (values.length === 0) return "impersonating empty values in extra is not allowed";
  return values.includes("") ? "impersonating the empty string value in extra is not allowed" : undefined;
}
