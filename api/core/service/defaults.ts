import type { Service } from "../../generated/types.ts";
import { isExternallyAccessible } from "./traits.ts";

/** How long a client stays with one pod where it asked for that: three hours. */
const AFFINITY_TIMEOUT_SECONDS = 10_800;

export function applyServiceDefaults(service: Service): void {
  service.spec ??= {};
  const { spec } = service;
  dropEmpty(spec);
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP") {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= AFFINITY_TIMEOUT_SECONDS;
  }
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    dropEmpty(port);
    port.protocol ||= "TCP";
    if (!port.targetPort) port.targetPort = port.port;
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ||= "Cluster";
  if (spec.type !== "ExternalName") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}

/** Hosts may take the address of a load balancer for the service's own, unless its maker says otherwise. */
export function applyServiceStatusDefaults({ spec, status }: Service): void {
  if (status?.loadBalancer) dropEmpty(status.loadBalancer);
  if (status) dropEmpty(status);
  if (spec.type !== "LoadBalancer") return;
  for (const entry of status?.loadBalancer?.ingress ?? []) if (entry.ip) entry.ipMode ??= "VIP";
}

/** Fields in which nothing, written down, is the same as none: a selector above all, for it decides who writes endpoints. */
const EMPTY_IS_ABSENT: ReadonlySet<string> = new Set([
  "clusterIP",
  "clusterIPs",
  "externalIPs",
  "externalName",
  "externalTrafficPolicy",
  "healthCheckNodePort",
  "ingress",
  "ipFamilies",
  "loadBalancerIP",
  "loadBalancerSourceRanges",
  "name",
  "nodePort",
  "ports",
  "publishNotReadyAddresses",
  "selector",
  "conditions",
]);

function dropEmpty(fields: object): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!EMPTY_IS_ABSENT.has(name)) continue;
    const isEmpty = typeof value === "object" && value !== null ? Object.keys(value).length === 0 : !value;
    if (isEmpty) Reflect.deleteProperty(fields, name);
  }
}
