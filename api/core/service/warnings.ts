import type { Service } from "../../generated/types.ts";
import { warningsOfAddress } from "../../meta/address-warnings.ts";
import { isExternalName, isHeadless } from "./traits.ts";

const TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";

/** What is taken, but will not do what its author may think. */
export function warningsOfService(service: Service): string[] {
  const { spec, metadata } = service;
  const { clusterIPs = [], externalIPs = [], externalName, loadBalancerIP, sessionAffinity, type } = spec;
  const warnings: string[] = [];
  if (metadata.annotations?.[TOPOLOGY_HINTS] !== undefined) {
    warnings.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`);
  }
  const isBare = isHeadless(service) && type === "ClusterIP";
  if (!isHeadless(service))
    warnings.push(...clusterIPs.flatMap((ip, i) => warningsOfAddress(`spec.clusterIPs[${i}]`, ip)));
  if (isBare) {
    if (loadBalancerIP) warnings.push("spec.loadBalancerIP is ignored for headless services");
    if (externalIPs.length > 0) warnings.push("spec.externalIPs is ignored for headless services");
    if (sessionAffinity !== "None") warnings.push("spec.SessionAffinity is ignored for headless services");
  }
  warnings.push(...externalIPs.flatMap((ip, i) => warningsOfAddress(`spec.externalIPs[${i}]`, ip)));
  if (externalIPs.length > 0 && !isBare && !isExternalName(service)) {
    warnings.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  }
  if (loadBalancerIP) warnings.push(...warningsOfAddress("spec.loadBalancerIP", loadBalancerIP));
  if (isExternalName(service) && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (!isExternalName(service) && externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === "PreferClose") {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}
