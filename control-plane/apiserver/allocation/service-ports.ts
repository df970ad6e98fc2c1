// Which ports on the hosts a service gets: those its author names, and free ones for the rest where its type has any.

import type { Service } from "@atoll/api/core/service/kind";
import { givesNodePorts, needsHealthCheck } from "@atoll/api/core/service/traits";
import type { FieldError } from "@atoll/api/kind";
import { duplicate, invalidValue } from "@atoll/api/meta/field-error";
import { ApiError } from "@atoll/machinery/object/api-error";
import { type NodePortTransaction, PortRefused } from "./node-ports.ts";

/** Whether anything of this file concerns the service. */
export function mayHaveNodePorts({ spec }: Service): boolean {
  return spec.type === "NodePort" || spec.type === "LoadBalancer";
}

/** Fills in `nodePort` and `healthCheckNodePort`, in place. Answers with what cannot be given. */
export function takePortsOfNew(service: Service, transaction: NodePortTransaction): FieldError[] {
  if (!mayHaveNodePorts(service)) return [];
  const ports = service.spec.ports ?? [];
  // Ports of one number and several protocols share theirs on the hosts.
  const shared = new Map<number, number>();
  const wantedPorts = new Map<number, number>();
  for (const { port, nodePort } of ports) if (nodePort && !wantedPorts.has(port)) wantedPorts.set(port, nodePort);
  for (const [i, port] of ports.entries()) {
    if (!port.nodePort && !givesNodePorts(service)) continue;
    const given = shared.get(port.port);
    if (given !== undefined) {
      if (!port.nodePort) port.nodePort = given;
      if (port.nodePort === given) continue;
      const refused = takePort(port.nodePort, i, transaction);
      if (refused) return [refused];
      continue;
    }
    const wanted = wantedPorts.get(port.port);
    if (wanted) {
      const refused = takePort(wanted, i, transaction);
      if (refused) return [refused];
      port.nodePort = wanted;
    } else {
      port.nodePort = takeFreePort(transaction);
    }
    shared.set(port.port, port.nodePort);
  }
  return takeHealthCheckPort(service, transaction);
}

export function takePortsOfUpdate(service: Service, old: Service, transaction: NodePortTransaction): FieldError[] {
  const before = new Set(nodePortsOf(old));
  if (mayHaveNodePorts(service)) {
    const taken = new Set<number>();
    const seen = new Set<string>();
    for (const [i, port] of (service.spec.ports ?? []).entries()) {
      if (!port.nodePort && !givesNodePorts(service)) continue;
      if (!port.nodePort) port.nodePort = takeFreePort(transaction);
      else if (!before.has(port.nodePort) && !taken.has(port.nodePort)) {
        const refused = takePort(port.nodePort, i, transaction);
        if (refused) return [refused];
        taken.add(port.nodePort);
      }
      const identity = `${port.protocol}/${port.nodePort}`;
      if (seen.has(identity)) return [duplicate(`spec.ports[${i}].nodePort`, port.nodePort)];
      seen.add(identity);
    }
  }
  const after = new Set(mayHaveNodePorts(service) ? nodePortsOf(service) : []);
  for (const port of before) if (!after.has(port)) transaction.giveBack(port);
  if (needsHealthCheck(old) && !needsHealthCheck(service)) giveBackHealthCheckPort(old, transaction);
  return needsHealthCheck(old) ? [] : takeHealthCheckPort(service, transaction);
}

export function giveBackPorts(service: Service, transaction: NodePortTransaction): void {
  for (const port of nodePortsOf(service)) transaction.giveBack(port);
  if (needsHealthCheck(service)) giveBackHealthCheckPort(service, transaction);
}

/** Every port on the hosts that the service has. */
export function allPortsOf(service: Service): number[] {
  const { healthCheckNodePort } = service.spec;
  return [...nodePortsOf(service), ...(needsHealthCheck(service) && healthCheckNodePort ? [healthCheckNodePort] : [])];
}

function nodePortsOf({ spec }: Service): number[] {
  return (spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []);
}

function takePort(port: number, index: number, transaction: NodePortTransaction): FieldError | undefined {
  try {
    transaction.take(port);
    return undefined;
  } catch (error) {
    if (!(error instanceof PortRefused)) throw error;
    return invalidValue(`spec.ports[${index}].nodePort`, port, error.message);
  }
}

function takeFreePort(transaction: NodePortTransaction): number {
  try {
    return transaction.takeAny();
  } catch (error) {
    if (!(error instanceof PortRefused)) throw error;
    throw ApiError.from(new Error(`failed to allocate a nodePort: ${error.message}`));
  }
}

/** Upstream calls a port that cannot be had an internal error; it is the client's. */
function takeHealthCheckPort(service: Service, transaction: NodePortTransaction): FieldError[] {
  if (!needsHealthCheck(service)) return [];
  const { healthCheckNodePort: wanted } = service.spec;
  try {
    if (wanted) transaction.take(wanted);
    else service.spec.healthCheckNodePort = transaction.takeAny();
    return [];
  } catch (error) {
    if (!(error instanceof PortRefused)) throw error;
    if (wanted) return [invalidValue("spec.healthCheckNodePort", wanted, error.message)];
    throw ApiError.from(new Error(`failed to allocate a HealthCheck NodePort 0: ${error.message}`));
  }
}

function giveBackHealthCheckPort({ spec }: Service, transaction: NodePortTransaction): void {
  if (spec.healthCheckNodePort) transaction.giveBack(spec.healthCheckNodePort);
}
