// Acting as somebody else: the Impersonate- headers name a user, groups, a UID and extra fields, and the caller needs the verb
// "impersonate" on each of them. From here on the request is that user's.

import { ApiError } from "@atoll/machinery/object/api-error";
import { ANONYMOUS, AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP } from "../authentication/authenticator.ts";
import { parseServiceAccountUserName, serviceAccountGroups } from "../authentication/service-account-tokens.ts";
import type { Attributes, Authorizer } from "../authorization/authorizer.ts";
import { forbidden } from "../authorization/forbidden.ts";
import type { Handler, RequestContext } from "../request/context.ts";
import { type ApiRequest, decodeHeaderField, headerValues, type User } from "../request/request.ts";

const PREFIX = "impersonate-";
const EXTRA_PREFIX = "impersonate-extra-";
const AUTHENTICATION_GROUP = "authentication.k8s.io";

/** One thing the caller wants to be, and what he must be allowed to impersonate for it. */
interface Part {
  readonly kind: "User" | "ServiceAccount" | "Group" | "UserExtra" | "UID";
  readonly name: string;
  readonly namespace: string;
  /** Of UserExtra: the field. */
  readonly field: string;
}

export function impersonate(authorizer: Authorizer): Handler {
  const become = async (context: RequestContext, parts: readonly Part[]) => {
    for (const part of parts) {
      const attributes = attributesOf(part);
      const decision = await authorizer.authorize(context.user, attributes);
      if (decision.type !== "allow") throw forbidden(context.user, attributes, decision.reason);
    }
    context.user = userOf(parts);
  };
  return (context, next) => {
    const parts = readParts(context.request);
    return parts.length === 0 ? next() : become(context, parts).then(next);
  };
}

function readParts(request: ApiRequest): Part[] {
  const names = Object.keys(request.headers).filter((name) => name.startsWith(PREFIX));
  if (names.length === 0) return [];
  const parts: Part[] = [];
  const add = (kind: Part["kind"], name: string, more: { namespace?: string; field?: string } = {}) =>
    parts.push({ kind, name, namespace: more.namespace ?? "", field: more.field ?? "" });
  const [userName = ""] = headerValues(request, "impersonate-user");
  const account = parseServiceAccountUserName(userName);
  if (account) add("ServiceAccount", account.name, { namespace: account.namespace });
  else if (userName !== "") add("User", userName);
  for (const group of headerValues(request, "impersonate-group")) add("Group", group);
  for (const header of names.filter((name) => name.startsWith(EXTRA_PREFIX))) {
    const field = decodeHeaderField(header.slice(EXTRA_PREFIX.length));
    for (const value of headerValues(request, header)) add("UserExtra", value, { field });
  }
  const [uid = ""] = headerValues(request, "impersonate-uid");
  if (uid !== "") add("UID", uid);
  if (userName === "" && parts.length > 0) {
    const shown = parts.map(describePart).join(" ");
    throw new ApiError("BadRequest", `requested [${shown}] without impersonating a user`);
  }
  return parts;
}

/** An object reference as Go prints it. */
function describePart({ kind, namespace, name, field }: Part): string {
  const version = kind === "UserExtra" || kind === "UID" ? `${AUTHENTICATION_GROUP}/v1` : "";
  return `{${[kind, namespace, name, "", version, "", field].join(" ")}}`;
}

const RESOURCES = {
  User: { group: "", resource: "users" },
  ServiceAccount: { group: "", resource: "serviceaccounts" },
  Group: { group: "", resource: "groups" },
  UserExtra: { group: AUTHENTICATION_GROUP, resource: "userextras" },
  UID: { group: AUTHENTICATION_GROUP, resource: "uids" },
} as const;

function attributesOf({ kind, name, namespace, field }: Part): Attributes {
  const where = { isResourceRequest: true, verb: "impersonate", path: "", version: "v1", subresource: field };
  return { ...where, ...RESOURCES[kind], name, namespace };
}

function userOf(parts: readonly Part[]): User {
  const named = (kind: Part["kind"]) => parts.filter((part) => part.kind === kind).map(({ name }) => name);
  const account = parts.find(({ kind }) => kind === "ServiceAccount");
  const name = account ? `system:serviceaccount:${account.namespace}:${account.name}` : (named("User")[0] ?? "");
  const groups = named("Group");
  // An account's groups follow from its name; whoever names groups means these alone.
  if (account && groups.length === 0) groups.push(...serviceAccountGroups(account.namespace));
  const isNobody = groups.includes(UNAUTHENTICATED_GROUP);
  if (name === ANONYMOUS.name) {
    if (!isNobody) groups.push(UNAUTHENTICATED_GROUP);
  } else if (!isNobody && !groups.includes(AUTHENTICATED_GROUP)) groups.push(AUTHENTICATED_GROUP);
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>; // fields have any name
  for (const { kind, field, name: value } of parts) {
    if (kind !== "UserExtra") continue;
    extra[field] ??= [];
    extra[field].push(value);
  }
  const [uid] = named("UID");
  return { name, groups, ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
}
