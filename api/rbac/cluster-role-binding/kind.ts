import type { ClusterRoleBinding as ClusterRoleBindingObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import {
  applyBindingDefaults,
  BINDING_COLUMNS,
  printBinding,
  validateBinding,
  validateBindingUpdate,
} from "../binding.ts";
import { RBAC_GROUP } from "../policy-rule.ts";

const RULES = { roleKinds: ["ClusterRole"], isNamespaced: false } as const;

export type ClusterRoleBinding = ClusterRoleBindingObject;

export const ClusterRoleBinding: Resource<ClusterRoleBinding> = {
  group: RBAC_GROUP,
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
};

export const clusterRoleBindingKind: KindDefinition<ClusterRoleBinding> = {
  resource: ClusterRoleBinding,
  singular: "clusterrolebinding",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.rbac.v1.ClusterRoleBinding",
  nameRule: "pathSegment",
  hasStatus: false,
  isCreatedByUpdate: true,
  selectableFields: {},
  applyDefaults: applyBindingDefaults,
  validateCreate: (binding) => validateBinding(binding, RULES),
  validateUpdate: (binding, old) => validateBindingUpdate(binding, old, RULES),
  columns: BINDING_COLUMNS,
  printRow: printBinding,
};
