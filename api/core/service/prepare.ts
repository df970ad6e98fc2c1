// A service's fields depend on each other, and clients are old or lazy: what they meant is worked out here, before anything is
// checked or given out. Nothing is taken from a pool here.

import type { Service } from "../../generated/types.ts";
import { isEqualJson } from "../../meta/field-error.ts";
import { givesNodePorts, isExternallyAccessible, isExternalName, needsHealthCheck } from "./traits.ts";

/** Clients from before there were two addresses know only the first. */
export function prepareServiceForCreate(service: Service): void {
  const { spec } = service;
  service.status = { loadBalancer: {} };
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  dropInternalPolicy(service);
}

/** Another name has no traffic of its own. What is no policy at all stays, to be refused. */
function dropInternalPolicy(service: Service): void {
  const { internalTrafficPolicy = "" } = service.spec;
  const isPolicy = internalTrafficPolicy === "Cluster" || internalTrafficPolicy === "Local";
  if (isExternalName(service) && isPolicy) delete service.spec.internalTrafficPolicy;
}

export function prepareServiceForUpdate(service: Service, old: Service): void {
  keepGivenValues(service, old);
  alignAddresses(service, old);
  dropUnusedFields(service, old);
  dropInternalPolicy(service);
}

/** Whoever sends again what he sent first keeps what he was given, though he does not name it. */
function keepGivenValues(service: Service, old: Service): void {
  const { spec } = service;
  if (!isExternalName(old) && !isExternalName(service)) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP;
    if (!spec.clusterIPs?.length && old.spec.clusterIPs?.length) spec.clusterIPs = [...old.spec.clusterIPs];
  }
  if (givesNodePorts(old) && givesNodePorts(service)) keepNodePorts(service, old);
  if (needsHealthCheck(old) && needsHealthCheck(service) && !spec.healthCheckNodePort) {
    if (old.spec.healthCheckNodePort) spec.healthCheckNodePort = old.spec.healthCheckNodePort;
  }
}

/** By the port's name, unless another port of the service has taken the number. */
function keepNodePorts({ spec }: Service, old: Service): void {
  const numbers = nodePortsOf(old);
  const kept = new Set((spec.ports ?? []).flatMap(({ nodePort = 0 }) => (numbers.has(nodePort) ? nodePort : [])));
  const byName = new Map((old.spec.ports ?? []).map(({ name = "", nodePort }) => [name, nodePort]));
  for (const port of spec.ports ?? []) {
    const known = byName.get(port.name ?? "");
    if (!port.nodePort && known && !kept.has(known)) port.nodePort = known;
  }
}

/** `clusterIP` is the first of `clusterIPs`; whichever the client changed leads. */
function alignAddresses({ spec }: Service, { spec: old }: Service): void {
  if (old.clusterIPs?.length && !spec.clusterIPs?.length && old.clusterIP === spec.clusterIP) {
    spec.clusterIPs = [...old.clusterIPs];
  }
  if ((old.clusterIP ?? "") === (spec.clusterIP ?? "")) return;
  if (!isEqualJson(old.clusterIPs ?? [], spec.clusterIPs ?? [])) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

/**
 * Fields that the new type has no use for go, if the client has left them as they were. Whoever changes one of them is told
 * that it does not fit.
 */
function dropUnusedFields(service: Service, old: Service): void {
  const { spec } = service;
  const isSame = (field: keyof Service["spec"]) => isEqualJson(spec[field], old.spec[field]);
  if (!isExternalName(old) && isExternalName(service)) {
    if (isSame("clusterIP") && isSame("clusterIPs")) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (isSame("ipFamilies")) delete spec.ipFamilies;
    if (isSame("ipFamilyPolicy")) delete spec.ipFamilyPolicy;
  }
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(service)) {
    const numbers = nodePortsOf(old);
    const hasNew = (spec.ports ?? []).some(({ nodePort }) => nodePort && !numbers.has(nodePort));
    if (!hasNew) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service) && isSame("healthCheckNodePort")) {
    delete spec.healthCheckNodePort;
  }
  if (old.spec.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    if (isSame("allocateLoadBalancerNodePorts")) delete spec.allocateLoadBalancerNodePorts;
    if (isSame("loadBalancerClass")) delete spec.loadBalancerClass;
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(service) && isSame("externalTrafficPolicy")) {
    delete spec.externalTrafficPolicy;
  }
  // Who takes the load balancer down does it later; the address is nobody's to use from now on.
  if (spec.type !== "LoadBalancer" && service.status?.loadBalancer) {
    service.status = { ...service.status, loadBalancer: {} };
  }
}

function mayHaveNodePorts({ spec }: Service): boolean {
  return spec.type === "NodePort" || spec.type === "LoadBalancer";
}

function nodePortsOf({ spec }: Service): ReadonlySet<number> {
  return new Set((spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []));
}
