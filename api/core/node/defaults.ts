import type { Node } from "../../generated/types.ts";

export function applyNodeDefaults(node: Node): void {
  node.spec ??= {};
  if (node.status?.capacity && !node.status.allocatable) node.status.allocatable = { ...node.status.capacity };
}
