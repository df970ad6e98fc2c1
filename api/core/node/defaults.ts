import type { Node } from "../../generated/types.ts";

export function applyNodeDefaults(node: Node): void {
  node.spec ??= {};
  const { podCIDR, podCIDRs } = node.spec;
  // Whoever knows the older field alone has the last word.
  if (podCIDR && podCIDR !== podCIDRs?.[0]) node.spec.podCIDRs = [podCIDR];
  else if (podCIDRs?.[0]) node.spec.podCIDR = podCIDRs[0];
  const { status } = node;
  if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
}

/** What the node agent once took its configuration from; it is in no node any more. */
export function dropNodeConfig(node: Node): void {
  delete node.spec.configSource;
  delete node.status?.config;
}
