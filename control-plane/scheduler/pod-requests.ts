// What a pod asks of a host, in whole numbers: CPU in thousandths of a vCPU, everything else in units (bytes, devices).

import type { Container, Pod, Quantity } from "@atoll/api/generated/types";
import { parseQuantity } from "@atoll/api/meta/quantity";

export type Amounts = ReadonlyMap<string, number>;

/** What scoring assumes for a container that asks for nothing, so that such pods are spread too. Upstream's numbers. */
const CPU_ASSUMED_MILLIS = 100;
const MEMORY_ASSUMED_BYTES = 200 * 1024 * 1024;

export function amountOf(resource: string, quantity: Quantity): number {
  const parsed = parseQuantity(quantity);
  if (!parsed) return 0;
  const nanosPerUnit = resource === "cpu" ? 1_000_000n : 1_000_000_000n;
  // Rounded up: a part of a byte needs the byte. Far below 2^53 for anything a host can have.
  return Number((parsed.nanos + nanosPerUnit - 1n) / nanosPerUnit);
}

export function amountsOf(quantities: Readonly<Record<string, Quantity>> | undefined): Map<string, number> {
  return new Map(
    Object.entries(quantities ?? {}).map(([resource, quantity]) => [resource, amountOf(resource, quantity)]),
  );
}

/**
 * Containers run together; init containers run before them one by one, beside the sidecars started so far. The pod needs
 * the larger of both, and its overhead.
 */
export function podRequests(pod: Pod): Map<string, number> {
  const running = sum((pod.spec.containers ?? []).map(requestsOf));
  const sidecars = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const container of pod.spec.initContainers ?? []) {
    const own = requestsOf(container);
    if (container.restartPolicy === "Always") {
      addTo(sidecars, own);
      raiseTo(starting, sidecars);
    } else raiseTo(starting, sum([sidecars, own]));
  }
  const needed = sum([running, sidecars]);
  raiseTo(needed, starting);
  // Requests of the pod as a whole take the place of its containers'.
  for (const [resource, amount] of amountsOf(pod.spec.resources?.requests)) needed.set(resource, amount);
  addTo(needed, amountsOf(pod.spec.overhead));
  return needed;
}

/** CPU and memory for scoring, with the assumption for containers that ask for nothing. */
export function assumedRequests(pod: Pod, requests: Amounts): { readonly cpu: number; readonly memory: number } {
  const containers = (pod.spec.containers ?? []).length;
  return {
    cpu: requests.get("cpu") || CPU_ASSUMED_MILLIS * containers,
    memory: requests.get("memory") || MEMORY_ASSUMED_BYTES * containers,
  };
}

function requestsOf(container: Container): Map<string, number> {
  return amountsOf(container.resources?.requests);
}

function sum(all: readonly Amounts[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const amounts of all) addTo(total, amounts);
  return total;
}

function addTo(total: Map<string, number>, amounts: Amounts): void {
  for (const [resource, amount] of amounts) total.set(resource, (total.get(resource) ?? 0) + amount);
}

function raiseTo(total: Map<string, number>, amounts: Amounts): void {
  for (const [resource, amount] of amounts) total.set(resource, Math.max(total.get(resource) ?? 0, amount));
}
