import type { Node as NodeObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { nodeColumns, printNode } from "./columns.ts";
import { applyNodeDefaults, dropNodeConfig } from "./defaults.ts";
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from "./validation.ts";
import { nodeWarnings } from "./warnings.ts";

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
  checksGenerateName: "always",
  selectableFields: { "spec.unschedulable": (node) => String(node.spec?.unschedulable ?? false) },
  applyDefaults: applyNodeDefaults,
  prepareForCreate: dropNodeConfig,
  prepareForUpdate: dropNodeConfig,
  prepareForStatusUpdate: dropNodeConfig,
  validateCreate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
  warningsOf: nodeWarnings,
  columns: nodeColumns,
  printRow: printNode,
};
