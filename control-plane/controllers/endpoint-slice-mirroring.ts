// Shows Endpoints that somebody wrote by himself, for a service that selects no pods, as EndpointSlices: whoever sends traffic
// reads only those.

import { Endpoints } from "@atoll/api/core/endpoints/kind";
import { Service } from "@atoll/api/core/service/kind";
import { EndpointSlice } from "@atoll/api/discovery/endpoint-slice/kind";
import type { Endpoint, EndpointAddress, EndpointSubset } from "@atoll/api/generated/types";
import { addressFamily, canonicalAddress } from "@atoll/api/meta/addresses";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { defineController, type ReconcileContext } from "@atoll/machinery/controller/controller";
import { controllerReference } from "@atoll/machinery/controller/ownership-references";
import { offersOf, packSubsets } from "./endpoint-subsets.ts";
import { SETTLE_MS, TRIGGER_TIME_ANNOTATION, withAnnotations } from "./service-pods.ts";
import { keyOfEndpoint, keyOfPorts, recycleSlices, type SliceChanges } from "./slice-packing.ts";
import {
  MANAGED_BY_LABEL,
  namePrefixOf,
  SERVICE_NAME_LABEL,
  serviceOfSlice,
  slicesOf,
  writeSlices,
} from "./slice-writes.ts";

const MAKER = "endpointslicemirroring-controller.k8s.io";
const SKIP_LABEL = "endpointslice.kubernetes.io/skip-mirror";
const LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader";
const LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";
/** Addresses of one subset that are shown; upstream's number. */
const ADDRESSES_MAX = 1000;
const FAMILIES = ["IPv4", "IPv6"] as const;

export const endpointSliceMirroring = defineController({
  name: "endpointslice-mirroring",
  watches: [
    { resource: Endpoints },
    { resource: Service },
    { resource: EndpointSlice, keysOf: serviceOfSlice(MAKER), gatherMs: SETTLE_MS },
  ],
  owns: ["EndpointSlice of services that select no pods"],
  async reconcile(key, context) {
    const { cache } = context;
    const endpoints = cache.of(Endpoints).get(key);
    const service = cache.of(Service).get(key);
    const existing = slicesOf(key, MAKER, cache);
    if (!endpoints || !service || !isMirrored(endpoints, service)) {
      await writeSlices({ create: [], update: [], delete: existing }, { mayCreate: false }, context);
      return;
    }
    const changes = changesOf(existing, desiredSlices(endpoints, context));
    const mayCreate = endpoints.metadata.deletionTimestamp === undefined;
    await writeSlices(
      recycleSlices(changes, () => true),
      { mayCreate },
      context,
    );
  },
});

function isMirrored({ metadata }: Endpoints, { spec }: Service): boolean {
  if (spec.selector !== undefined) return false;
  return metadata.labels?.[SKIP_LABEL] !== "true" && metadata.annotations?.[LEADER_ANNOTATION] === undefined;
}

/** One slice for each family of each subset. */
function desiredSlices(endpoints: Endpoints, { events }: ReconcileContext): EndpointSlice[] {
  const skipped = { invalid: 0, tooMany: 0 };
  const slices = packSubsets(offersOf(endpoints.subsets ?? [])).flatMap((subset) => {
    const shown = endpointsOf(subset, skipped);
    return FAMILIES.flatMap((family) => {
      const ofFamily = shown.filter(({ addresses: [address = ""] }) => addressFamily(address) === family);
      return ofFamily.length > 0 ? [sliceOf(endpoints, subset, family, ofFamily)] : [];
    });
  });
  if (skipped.invalid > 0) {
    const message = `Skipped ${skipped.invalid} invalid IP addresses when mirroring to EndpointSlices`;
    events.record(endpoints, { type: "Warning", reason: "InvalidIPAddress", message });
  }
  if (skipped.tooMany > 0) {
    const message = `A max of ${ADDRESSES_MAX} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped.tooMany} addresses were skipped`;
    events.record(endpoints, { type: "Warning", reason: "TooManyAddressesToMirror", message });
  }
  return slices;
}

function endpointsOf(
  { addresses = [], notReadyAddresses = [] }: EndpointSubset,
  skipped: { invalid: number; tooMany: number },
): Endpoint[] {
  const all = [
    ...addresses.map((address) => ({ address, ready: true })),
    ...notReadyAddresses.map((address) => ({ address, ready: false })),
  ];
  const valid = all.filter(({ address }) => addressFamily(address.ip) !== undefined);
  skipped.invalid += all.length - valid.length;
  skipped.tooMany += Math.max(0, valid.length - ADDRESSES_MAX);
  const shown = valid.slice(0, ADDRESSES_MAX).map(({ address, ready }) => endpointOf(address, ready));
  return [...new Map(shown.map((endpoint) => [keyOfEndpoint(endpoint), endpoint])).values()];
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [canonicalAddress(ip)],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName ? { nodeName } : {}),
  };
}

function sliceOf(
  endpoints: Endpoints,
  { ports = [] }: EndpointSubset,
  addressType: string,
  shown: Endpoint[],
): EndpointSlice {
  const { name = "", namespace, labels, annotations = {} } = endpoints.metadata;
  const { [TRIGGER_TIME_ANNOTATION]: _time, [LAST_APPLIED_ANNOTATION]: _applied, ...kept } = annotations;
  return {
    metadata: withAnnotations(
      {
        generateName: namePrefixOf(name),
        ...(namespace ? { namespace } : {}),
        labels: { ...labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: MAKER },
        ownerReferences: [controllerReference(Endpoints, endpoints)],
      },
      kept,
    ),
    addressType,
    endpoints: shown,
    ports: ports.map(({ name: portName = "", port, protocol = "TCP", appProtocol }) => ({
      name: portName,
      port,
      protocol,
      ...(appProtocol ? { appProtocol } : {}),
    })),
  };
}

function changesOf(existing: readonly EndpointSlice[], desired: readonly EndpointSlice[]): SliceChanges {
  const known = Map.groupBy(existing, keyOfSlice);
  const changes: SliceChanges = { create: [], update: [], delete: [] };
  for (const slice of desired) {
    const key = keyOfSlice(slice);
    const [first, ...others] = known.get(key) ?? [];
    known.delete(key);
    changes.delete.push(...others);
    if (!first) changes.create.push(slice);
    else if (!showsTheSame(first, slice)) {
      const { generateName: _generateName, ...wanted } = slice.metadata;
      const metadata = withAnnotations({ ...first.metadata, ...wanted }, wanted.annotations ?? {});
      changes.update.push({ ...first, ...slice, metadata });
    }
  }
  for (const unused of known.values()) changes.delete.push(...unused);
  return changes;
}

function keyOfSlice({ addressType, ports = [] }: EndpointSlice): string {
  return `${addressType} ${keyOfPorts(ports)}`;
}

function showsTheSame(slice: EndpointSlice, wanted: EndpointSlice): boolean {
  const isOwned = wanted.metadata.ownerReferences?.every(({ uid }) =>
    slice.metadata.ownerReferences?.some((reference) => reference.uid === uid),
  );
  return (
    isOwned === true &&
    isEqualJson(slice.metadata.labels ?? {}, wanted.metadata.labels ?? {}) &&
    isEqualJson(slice.metadata.annotations ?? {}, wanted.metadata.annotations ?? {}) &&
    isEqualJson(byKey(slice.endpoints ?? []), byKey(wanted.endpoints ?? []))
  );
}

function byKey(endpoints: readonly Endpoint[]): Record<string, Endpoint> {
  return Object.fromEntries(endpoints.map((endpoint) => [keyOfEndpoint(endpoint), endpoint]));
}
