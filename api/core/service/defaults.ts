import type { Service } from "../../generated/types.ts";

/** How long a client stays with one pod where it asked for that: three hours. */
const AFFINITY_TIMEOUT_SECONDS = 10_800;

export function applyServiceDefaults(service: Service): void {
  service.spec ??= {};
  const { spec } = service;
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP") {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= AFFINITY_TIMEOUT_SECONDS;
  }
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    if (!port.targetPort) port.targetPort = port.port;
  }
  const isExternal = spec.type === "LoadBalancer" || spec.type === "NodePort";
  if (isExternal || (spec.type === "ClusterIP" && (spec.externalIPs ?? []).length > 0)) {
    spec.externalTrafficPolicy ||= "Cluster";
  }
  if (spec.type !== "ExternalName") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}
