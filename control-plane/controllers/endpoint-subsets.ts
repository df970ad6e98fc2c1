// The one layout of Endpoints: addresses that offer the same ports stand together, everything in order, so that two that say the
// same are equal. Pure.

import type { EndpointAddress, EndpointPort, EndpointSubset } from "@atoll/api/generated/types";

/** One address at one port, or at none: of headless services without ports. */
export interface OfferedPort {
  readonly address: EndpointAddress;
  readonly port: EndpointPort | undefined;
  readonly isReady: boolean;
}

/** Addresses of one Endpoints object at most; those above are left out and it is said. Upstream's number. */
export const ADDRESSES_MAX = 1000;

export function packSubsets(offers: readonly OfferedPort[]): EndpointSubset[] {
  const addresses = new Map<string, EndpointAddress>();
  const ports = new Map<string, { readonly port: EndpointPort | undefined; readonly states: Map<string, boolean> }>();
  for (const { address, port, isReady } of offers) {
    const addressKey = keyOfAddress(address);
    if (!addresses.has(addressKey)) addresses.set(addressKey, address);
    const portKey = keyOfPort(port);
    const entry = ports.get(portKey) ?? { port, states: new Map<string, boolean>() };
    ports.set(portKey, entry);
    // Not ready outweighs ready.
    entry.states.set(addressKey, isReady && (entry.states.get(addressKey) ?? true));
  }
  const groups = new Map<string, { readonly states: ReadonlyMap<string, boolean>; readonly ports: EndpointPort[] }>();
  for (const key of [...ports.keys()].sort()) {
    const entry = ports.get(key);
    if (!entry) continue;
    const groupKey = JSON.stringify([...entry.states].sort());
    const group = groups.get(groupKey) ?? { states: entry.states, ports: [] };
    groups.set(groupKey, group);
    if (entry.port) group.ports.push(entry.port);
  }
  return [...groups.values()].map(({ states, ports: offered }) => {
    const inState = (wanted: boolean) =>
      [...states.keys()]
        .filter((key) => states.get(key) === wanted)
        .sort()
        .flatMap((key) => addresses.get(key) ?? []);
    const [ready, notReady] = [inState(true), inState(false)];
    return {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ...(offered.length > 0 ? { ports: offered } : {}),
    };
  });
}

/** Every address of the subsets at every of their ports. */
export function offersOf(subsets: readonly EndpointSubset[]): OfferedPort[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const offered: readonly (EndpointPort | undefined)[] = ports.length > 0 ? ports : [undefined];
    return offered.flatMap((port) => [
      ...addresses.map((address) => ({ address, port, isReady: true })),
      ...notReadyAddresses.map((address) => ({ address, port, isReady: false })),
    ]);
  });
}

function keyOfAddress({ ip, targetRef }: EndpointAddress): string {
  return `${ip} ${targetRef?.uid ?? ""}`;
}

function keyOfPort(port: EndpointPort | undefined): string {
  return port ? JSON.stringify([port.name ?? "", port.port, port.protocol ?? "TCP", port.appProtocol ?? null]) : "";
}

/** Leaves out addresses until there are few enough, those that are not ready first, each subset by its share. */
export function truncateSubsets(subsets: readonly EndpointSubset[]): {
  subsets: EndpointSubset[];
  isTruncated: boolean;
} {
  const count = (lists: readonly (readonly unknown[] | undefined)[]) =>
    lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  const ready = count(subsets.map(({ addresses }) => addresses));
  const notReady = count(subsets.map(({ notReadyAddresses }) => notReadyAddresses));
  if (ready + notReady <= ADDRESSES_MAX) return { subsets: [...subsets], isTruncated: false };
  const cutsReady = ready > ADDRESSES_MAX;
  const room = cutsReady ? ADDRESSES_MAX : ADDRESSES_MAX - ready;
  const total = cutsReady ? ready : notReady;
  let left = room;
  const share = <T>(list: readonly T[]): T[] => {
    const kept = list.slice(0, Math.min(Math.ceil((list.length / total) * room), left));
    left -= kept.length;
    return kept;
  };
  const cut = subsets.map(({ addresses = [], notReadyAddresses = [], ports }) => {
    const kept = cutsReady ? share(addresses) : addresses;
    const keptNotReady = cutsReady ? [] : share(notReadyAddresses);
    return {
      ...(kept.length > 0 ? { addresses: kept } : {}),
      ...(keptNotReady.length > 0 ? { notReadyAddresses: keptNotReady } : {}),
      ...(ports ? { ports } : {}),
    };
  });
  // A subset without any address is no subset.
  const filled = cut.filter(({ addresses, notReadyAddresses }) => addresses || notReadyAddresses);
  return { subsets: filled, isTruncated: true };
}
