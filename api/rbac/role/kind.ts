import type { Role as RoleObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { printRole, ROLE_COLUMNS } from "../role-columns.ts";
import type { Resource } from "../../resource.ts";
import { RBAC_GROUP, validateRules } from "../policy-rule.ts";

export type Role = RoleObject;

export const Role: Resource<Role> = {
  group: RBAC_GROUP,
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
};

export const roleKind: KindDefinition<Role> = {
  resource: Role,
  singular: "role",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.rbac.v1.Role",
  nameRule: "pathSegment",
  hasStatus: false,
  isCreatedByUpdate: true,
  selectableFields: {},
  validateCreate: (role) => validateRules(role.rules, { isNamespaced: true }),
  validateUpdate: (role) => validateRules(role.rules, { isNamespaced: true }),
  columns: ROLE_COLUMNS,
  printRow: printRole,
};
