import type { RoleBinding as RoleBindingObject } from "../../generated/types.ts";
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

const RULES = { roleKinds: ["Role", "ClusterRole"], isNamespaced: true } as const;

export type RoleBinding = RoleBindingObject;

export const RoleBinding: Resource<RoleBinding> = {
  group: RBAC_GROUP,
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
};

export const roleBindingKind: KindDefinition<RoleBinding> = {
  resource: RoleBinding,
  singular: "rolebinding",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.rbac.v1.RoleBinding",
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
