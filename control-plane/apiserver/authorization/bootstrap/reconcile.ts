// Makes the built-in roles and bindings be there at every start. What is missing is added, what somebody has added stays, and
// an object annotated with autoupdate "false" is its owner's own.

import { isEqualJson } from "@atoll/api/meta/field-error";
import { ClusterRole } from "@atoll/api/rbac/cluster-role/kind";
import { ClusterRoleBinding } from "@atoll/api/rbac/cluster-role-binding/kind";
import { Role } from "@atoll/api/rbac/role/kind";
import { RoleBinding } from "@atoll/api/rbac/role-binding/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { EnsureObject } from "../../registry/ensure-object.ts";
import { missingRules } from "../roles/rule-coverage.ts";
import { clusterRoleBindings, roleBindings } from "./bindings.ts";
import { clusterRoles } from "./cluster-roles.ts";
import { controllerRoles } from "./controller-roles.ts";
import { namespacedRoles } from "./namespaced-roles.ts";
import { AUTOUPDATE_ANNOTATION, type BindingObject, bindingObject, type RoleObject, roleObject } from "./notation.ts";

/** Roles before the bindings that name them. */
export async function reconcileBuiltInRoles(ensure: EnsureObject): Promise<void> {
  await Promise.all([
    ...[...clusterRoles, ...controllerRoles]
      .map(roleObject)
      .map((role) => ensure(ClusterRole, role, (present) => mendRole(present, role))),
    ...namespacedRoles.map(roleObject).map((role) => ensure(Role, role, (present) => mendRole(present, role))),
  ]);
  await Promise.all([
    ...clusterRoleBindings
      .map(bindingObject)
      .map((binding) => ensure(ClusterRoleBinding, binding, (present) => mendBinding(present, binding))),
    ...roleBindings
      .map(bindingObject)
      .map((binding) => ensure(RoleBinding, binding, (present) => mendBinding(present, binding))),
  ]);
}

export function mendRole(present: ClusterRole, wanted: RoleObject): ClusterRole | undefined {
  if (isProtected(present)) return undefined;
  const mended = withMetadata(present, wanted);
  const missing = missingRules(present.rules ?? [], wanted.rules);
  if (missing.length > 0) mended.rules = [...(present.rules ?? []), ...missing];
  const selectors = wanted.aggregationRule?.clusterRoleSelectors;
  if (!selectors) delete mended.aggregationRule;
  else {
    const held = present.aggregationRule?.clusterRoleSelectors ?? [];
    const absent = selectors.filter((selector) => !held.some((other) => isEqualJson(other, selector)));
    mended.aggregationRule = { clusterRoleSelectors: [...held, ...absent] };
  }
  return isEqualJson(mended, present) ? undefined : mended;
}

/** A binding to another role was made by somebody on purpose: roles of bindings cannot change. */
export function mendBinding(present: ClusterRoleBinding, wanted: BindingObject): ClusterRoleBinding | undefined {
  if (isProtected(present) || !isEqualJson(present.roleRef, wanted.roleRef)) return undefined;
  const mended = withMetadata(present, wanted);
  const held = present.subjects ?? [];
  const absent = wanted.subjects.filter((subject) => !held.some((other) => isEqualJson(other, subject)));
  if (absent.length > 0) mended.subjects = [...held, ...absent];
  return isEqualJson(mended, present) ? undefined : mended;
}

function isProtected({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[AUTOUPDATE_ANNOTATION] === "false";
}

/** Somebody's own values of labels and annotations stay. */
function withMetadata<T extends KubeObject>(present: T, { metadata }: RoleObject | BindingObject): T {
  return {
    ...present,
    metadata: {
      ...present.metadata,
      labels: { ...metadata.labels, ...present.metadata.labels },
      annotations: { ...metadata.annotations, ...present.metadata.annotations },
    },
  };
}
