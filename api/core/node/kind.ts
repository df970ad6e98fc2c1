import type { Node as NodeObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { nodeColumns, printNode } from "./columns.ts";
import { applyNodeDefaults } from "./defaults.ts";
import { validateNode, validateNodeUpdate } from "./validation.ts";

export type Node = NodeObject;

export const Node: Resource<Node> = { group: "", version: "v1", kind: "Node", plural: "nodes", scope: "Cluster" };

export const nodeKind: KindDefinition<Node> = {
  resource: Node,
  singular: "node",
  shortNames: ["no"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [{ name: "proxy", verbs: ["connect"], kind: "NodeProxyOptions" }, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.core.v1.Node",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  // A host says what it is and what it has as it comes.
  keepsStatusOfNew: true,
  countsGenerations: false,
  selectableFields: { "spec.unschedulable": (node) => String(node.spec?.unschedulable ?? false) },
  applyDefaults: applyNodeDefaults,
  validateCreate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: (node) => validateNode(node),
  columns: nodeColumns,
  printRow: printNode,
};
