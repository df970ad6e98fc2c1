// How endpoints are spread over slices: as few slices change as possible, for every change goes to every host. Pure.

import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from "@atoll/api/generated/types";
import { isEqualJson } from "@atoll/api/meta/field-error";

/** Endpoints of one slice at most. Upstream's number. */
export const ENDPOINTS_MAX = 100;

/** Endpoints that offer the same ports. */
export interface EndpointGroup {
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What a new slice has beside endpoints and ports, and which labels every slice must have. */
export interface SliceForm {
  readonly metadata: EndpointSlice["metadata"];
  readonly addressType: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SliceChanges {
  readonly create: EndpointSlice[];
  readonly update: EndpointSlice[];
  readonly delete: EndpointSlice[];
}

/** Ports in one order, whoever wrote them. */
export function keyOfPorts(ports: readonly DiscoveryV1EndpointPort[]): string {
  return JSON.stringify(
    ports
      .map(({ name = "", port, protocol = "TCP", appProtocol }) => [name, port ?? null, protocol, appProtocol ?? null])
      .map((fields) => JSON.stringify(fields))
      .sort(),
  );
}

/** Whom an endpoint is about; everything else of it may change in place. */
export function keyOfEndpoint({ addresses = [], hostname = "", targetRef }: Endpoint): string {
  return JSON.stringify([[...addresses].sort(), hostname, targetRef?.namespace ?? "", targetRef?.name ?? ""]);
}

/** Without what others add to an endpoint: hints, and the version of the pod. */
function sameEndpoint(left: Endpoint, right: Endpoint): boolean {
  return isEqualJson(comparable(left), comparable(right));
}

function comparable({ nodeName, zone, conditions = {}, targetRef }: Endpoint): unknown {
  const { resourceVersion: _version, ...target } = targetRef ?? {};
  return { nodeName, zone, conditions, target };
}

/**
 * Spreads `groups` over the slices that are there and new ones. First what stands already is kept or mended, then slices that
 * change anyway are filled, then one more that has room for all the rest, and only then new ones are made.
 */
export function packSlices(
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  form: SliceForm,
): SliceChanges {
  const byPorts = Map.groupBy(existing, ({ ports = [] }) => keyOfPorts(ports));
  const changes: SliceChanges = { create: [], update: [], delete: [] };
  for (const group of groups) {
    const key = keyOfPorts(group.ports);
    packGroup(byPorts.get(key) ?? [], group, form, changes);
    byPorts.delete(key);
  }
  for (const unused of byPorts.values()) changes.delete.push(...unused);
  return changes;
}

function packGroup(
  existing: readonly EndpointSlice[],
  group: EndpointGroup,
  form: SliceForm,
  changes: SliceChanges,
): void {
  const wanted = new Map(group.endpoints.map((endpoint) => [keyOfEndpoint(endpoint), endpoint]));
  const changed: EndpointSlice[] = [];
  const unchanged: EndpointSlice[] = [];
  for (const slice of existing) {
    const old = slice.endpoints ?? [];
    const kept: Endpoint[] = [];
    let isMended = false;
    for (const endpoint of old) {
      const key = keyOfEndpoint(endpoint);
      const now = wanted.get(key);
      if (!now) continue;
      wanted.delete(key);
      const isSame = sameEndpoint(now, endpoint);
      // Hints stay until somebody decides on them.
      kept.push(isSame ? endpoint : { ...now, ...(endpoint.hints ? { hints: endpoint.hints } : {}) });
      isMended ||= !isSame;
    }
    const isLabelled = isEqualJson(slice.metadata.labels ?? {}, form.labels);
    if (kept.length === 0 && old.length > 0) changes.delete.push(slice);
    else if (isMended || kept.length < old.length || !isLabelled) changed.push(withEndpoints(slice, kept, form));
    else unchanged.push(slice);
  }
  const rest = [...wanted.values()];
  // The fullest first, so that others run empty.
  changed.sort((left, right) => (right.endpoints?.length ?? 0) - (left.endpoints?.length ?? 0));
  const filled = changed.map((slice) => filledUp(slice, rest));
  while (rest.length > 0) {
    const roomy = rest.length < ENDPOINTS_MAX ? mostFilled(unchanged, rest.length) : undefined;
    if (roomy) {
      unchanged.splice(unchanged.indexOf(roomy), 1);
      filled.push(filledUp(withEndpoints(roomy, roomy.endpoints ?? [], form), rest));
    } else {
      changes.create.push(filledUp(newSlice(group.ports, form), rest));
    }
  }
  changes.update.push(...filled);
}

export function newSlice(ports: readonly DiscoveryV1EndpointPort[], form: SliceForm): EndpointSlice {
  const { metadata, addressType, labels } = form;
  return { metadata: { ...metadata, labels: { ...labels } }, addressType, endpoints: [], ports: [...ports] };
}

function withEndpoints(slice: EndpointSlice, endpoints: readonly Endpoint[], { labels }: SliceForm): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, labels: { ...labels } }, endpoints: [...endpoints] };
}

/** Takes from `rest` what fits. */
function filledUp(slice: EndpointSlice, rest: Endpoint[]): EndpointSlice {
  const endpoints = slice.endpoints ?? [];
  return { ...slice, endpoints: [...endpoints, ...rest.splice(0, ENDPOINTS_MAX - endpoints.length)] };
}

/** The slice that `count` more endpoints leave the least room in. */
function mostFilled(slices: readonly EndpointSlice[], count: number): EndpointSlice | undefined {
  return slices
    .filter(({ endpoints = [] }) => endpoints.length + count <= ENDPOINTS_MAX)
    .toSorted((left, right) => (right.endpoints?.length ?? 0) - (left.endpoints?.length ?? 0))[0];
}

/** Instead of one slice that goes and one that comes, one that changes: a name that everybody knows already. */
export function recycleSlices(changes: SliceChanges, mayRecycle: (slice: EndpointSlice) => boolean): SliceChanges {
  const create = [...changes.create];
  const update = [...changes.update];
  const gone = changes.delete.filter((old) => {
    const next = create.findIndex(({ addressType }) => addressType === old.addressType);
    if (next === -1 || !mayRecycle(old)) return true;
    const [slice] = create.splice(next, 1);
    if (slice) update.push(inPlaceOf(old, slice));
    return false;
  });
  return { create, update, delete: gone };
}

function inPlaceOf(old: EndpointSlice, slice: EndpointSlice): EndpointSlice {
  const { generateName: _generateName, ...metadata } = slice.metadata;
  const { name, uid, resourceVersion } = old.metadata;
  return {
    ...slice,
    metadata: {
      ...metadata,
      ...(name ? { name } : {}),
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
    },
  };
}
