import type { ClusterRole as ClusterRoleObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { printRole, ROLE_COLUMNS } from "../role-columns.ts";
import type { Resource } from "../../resource.ts";
import { RBAC_GROUP } from "../policy-rule.ts";
import { validateClusterRole } from "./validation.ts";

export type ClusterRole = ClusterRoleObject;

export const ClusterRole: Resource<ClusterRole> = {
  group: RBAC_GROUP,
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
};

export const clusterRoleKind: KindDefinition<ClusterRole> = {
  resource: ClusterRole,
  singular: "clusterrole",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.rbac.v1.ClusterRole",
  nameRule: "pathSegment",
  hasStatus: false,
  isCreatedByUpdate: true,
  selectableFields: {},
  validateCreate: validateClusterRole,
  validateUpdate: validateClusterRole,
  columns: ROLE_COLUMNS,
  printRow: printRole,
};
