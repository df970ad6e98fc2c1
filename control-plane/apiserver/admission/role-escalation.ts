// Nobody hands out what he does not have: a role may hold only rules that its writer has himself, a binding only name a role
// whose rules its writer has, unless he has the verb "escalate" on the role or "bind" on the role that is bound.

import type { RoleRef } from "@atoll/api/generated/types";
import { ClusterRole } from "@atoll/api/rbac/cluster-role/kind";
import { ClusterRoleBinding } from "@atoll/api/rbac/cluster-role-binding/kind";
import type { AnyBinding } from "@atoll/api/rbac/binding";
import { ALL, type PolicyRule, RBAC_GROUP } from "@atoll/api/rbac/policy-rule";
import { Role } from "@atoll/api/rbac/role/kind";
import { RoleBinding } from "@atoll/api/rbac/role-binding/kind";
import type { KubeObject } from "@atoll/api/resource";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import { MASTERS_GROUP } from "../authentication/authenticator.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { missingRules } from "../authorization/roles/rule-coverage.ts";
import { describeRules, quoteList } from "../authorization/roles/rule-text.ts";
import type { RoleAuthorizer } from "../authorization/roles/role-authorizer.ts";
import { isDeepEqual } from "../registry/deep-equal.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

export interface EscalationOptions {
  readonly resources: ResourceTable;
  /** All authorizers together. */
  readonly authorizer: Authorizer;
  readonly roles: RoleAuthorizer;
}

const ROLE_KINDS: readonly string[] = ["ClusterRole", "Role"];
const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: [ALL], resources: [ALL], verbs: [ALL] },
  { nonResourceURLs: [ALL], verbs: [ALL] },
];

export function roleEscalation(options: EscalationOptions): AdmissionStep {
  const kindOf = (resource: Parameters<ResourceTable["of"]>[0]) => options.resources.of(resource).kind;
  const roleKinds = new Set([kindOf(ClusterRole), kindOf(Role)]);
  const bindingKinds = new Set([kindOf(ClusterRoleBinding), kindOf(RoleBinding)]);
  return {
    name: "RoleEscalation",
    // Before the object itself is checked, as upstream: whoever may not grant it does not learn what is wrong with it.
    async mutate(request) {
      const { kind, operation, object, oldObject, user } = request;
      const isRole = roleKinds.has(kind);
      if ((!isRole && !bindingKinds.has(kind)) || operation === "DELETE" || !object) return;
      if (user.groups.includes(MASTERS_GROUP) || (oldObject && changesOwnersOnly(object, oldObject))) return;
      if (isRole) await checkRole(request, options);
      else await checkBinding(request, options);
    },
  };
}

async function checkRole(request: AdmissionRequest, options: EscalationOptions): Promise<void> {
  const { kind, namespace, operation } = request;
  // On creation the object has no name yet for whoever asked.
  const name = operation === "CREATE" ? "" : request.name;
  if (await isAllowed(request, options, { verb: "escalate", resource: kind.resource.plural, namespace, name })) return;
  const role = request.object as ClusterRole; // a role of either kind
  await confirmHeld(request, options, role.rules ?? []);
  const old = request.oldObject as ClusterRole | undefined; // likewise
  if (!hasAggregation(role) && !hasAggregation(old)) return;
  const held = await options.roles.rulesFor(request.user, namespace);
  if (missingRules(held.rules, EVERYTHING).length > 0) {
    throw forbid(request, "must have cluster-admin privileges to use the aggregationRule");
  }
}

async function checkBinding(request: AdmissionRequest, options: EscalationOptions): Promise<void> {
  const { roleRef } = request.object as AnyBinding & KubeObject; // a binding of either kind
  const { namespace } = request;
  if (!ROLE_KINDS.includes(roleRef.kind ?? "")) {
    // Upstream stumbles here and says so.
    const text = `unsupported role reference kind: ${JSON.stringify(roleRef.kind ?? "")}`;
    throw new ApiError("InternalError", text, { shownReason: "" });
  }
  const resource = pluralOf(roleRef);
  if (await isAllowed(request, options, { verb: "bind", resource, namespace, name: roleRef.name })) return;
  const rules = await options.roles.rulesOf(roleRef, namespace);
  if (!rules) throw notFound({ group: RBAC_GROUP, name: resource }, roleRef.name);
  await confirmHeld(request, options, rules);
}

async function confirmHeld(
  request: AdmissionRequest,
  { roles }: EscalationOptions,
  wanted: readonly PolicyRule[],
): Promise<void> {
  const { user, namespace } = request;
  const held = await roles.rulesFor(user, namespace);
  const missing = missingRules(held.rules, wanted);
  if (missing.length === 0) return;
  const who = `user ${JSON.stringify(user.name)} (groups=${quoteList(user.groups)})`;
  const problems = held.problems.length > 0 ? `; resolution errors: [${held.problems.join(", ")}]` : "";
  const what = `${describeRules(missing)}${problems}`;
  throw forbid(request, `${who} is attempting to grant RBAC permissions not currently held:\n${what}`);
}

async function isAllowed(
  { user }: AdmissionRequest,
  { authorizer }: EscalationOptions,
  asked: { readonly verb: string; readonly resource: string; readonly namespace: string; readonly name: string },
): Promise<boolean> {
  const place = { isResourceRequest: true, path: "", group: RBAC_GROUP, version: ALL, subresource: "" };
  return (await authorizer.authorize(user, { ...place, ...asked })).type === "allow";
}

function pluralOf({ kind }: RoleRef): "roles" | "clusterroles" {
  return kind === "Role" ? "roles" : "clusterroles";
}

function hasAggregation(role: ClusterRole | undefined): boolean {
  return (role?.aggregationRule?.clusterRoleSelectors ?? []).length > 0;
}

/** The garbage collector lets objects go without having their rules. */
function changesOwnersOnly(object: KubeObject, old: KubeObject): boolean {
  const rest = ({ metadata, ...others }: KubeObject) => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, ...kept } = metadata;
    return { ...others, metadata: kept };
  };
  return isDeepEqual(rest(object), rest(old));
}
