import type { Node } from "../../generated/types.ts";

export function applyNodeDefaults(node: Node): void {
  node.spec ??= {};
  const { podCIDR, podCIDRs } = node.spec;
  if (podCIDR && !podCIDRs?.length) node.spec.podCIDRs = [podCIDR];
  if (!podCIDR && podCIDRs?.[0]) node.spec.podCIDR = podCIDRs[0];
  if (node.status?.capacity && !node.status.allocatable) node.status.allocatable = { ...node.status.capacity };
}
