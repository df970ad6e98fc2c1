// What follows from a service's type and addresses, asked in many places.

import type { Service } from "../../generated/types.ts";

/** Instead of an address: the service's name leads to its pods themselves. */
export const HEADLESS = "None";

export function isExternalName({ spec }: Service): boolean {
  return spec.type === "ExternalName";
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === HEADLESS;
}

export function isExternallyAccessible({ spec }: Service): boolean {
  if (spec.type === "LoadBalancer" || spec.type === "NodePort") return true;
  return spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0;
}

/** Whether load balancers ask each host, at a port of its own, if it has pods of the service. */
export function needsHealthCheck({ spec }: Service): boolean {
  return spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
}

/** Whether each port is given a port on all hosts. */
export function givesNodePorts({ spec }: Service): boolean {
  if (spec.type === "NodePort") return true;
  return spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false;
}
