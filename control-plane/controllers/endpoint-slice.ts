// Keeps the EndpointSlices of each service that selects pods, for each family of its addresses.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Service } from "@atoll/api/core/service/kind";
import { HEADLESS } from "@atoll/api/core/service/traits";
import { EndpointSlice } from "@atoll/api/discovery/endpoint-slice/kind";
import type { DiscoveryV1EndpointPort, Endpoint } from "@atoll/api/generated/types";
import { addressFamily } from "@atoll/api/meta/addresses";
import { describeError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type ControllerDefinition,
  defineController,
  type ReconcileContext,
} from "@atoll/machinery/controller/controller";
import { controllerReference } from "@atoll/machinery/controller/ownership-references";
import { isPodReady } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";
import {
  type EndpointGroup,
  keyOfPorts,
  newSlice,
  packSlices,
  recycleSlices,
  type SliceChanges,
  type SliceForm,
} from "./slice-packing.ts";
import {
  MANAGED_BY_LABEL,
  namePrefixOf,
  SERVICE_NAME_LABEL,
  serviceOfSlice,
  slicesOf,
  writeSlices,
} from "./slice-writes.ts";
import {
  addressesOf,
  familiesOf,
  hostnameOf,
  isPublished,
  labelsOf,
  SETTLE_MS,
  podsOf,
  portOf,
  referenceTo,
  selectsPods,
  servicesOfPod,
  TRIGGER_TIME_ANNOTATION,
  TriggerTimes,
  withAnnotations,
} from "./service-pods.ts";
import { trafficPreferenceOf, withHints } from "./traffic-hints.ts";

const MAKER = "endpointslice-controller.k8s.io";
const ZONE_LABEL = "topology.kubernetes.io/zone";

export function endpointSlice(): ControllerDefinition {
  const triggers = new TriggerTimes();
  return defineController({
    name: "endpointslice",
    watches: [
      { resource: Service },
      { resource: Pod, keysOf: servicesOfPod, gatherMs: SETTLE_MS },
      { resource: EndpointSlice, keysOf: serviceOfSlice(MAKER), gatherMs: SETTLE_MS },
      // Only read: a host does not move to another zone.
      { resource: Node, keysOf: () => [] },
    ],
    owns: ["EndpointSlice of services that select pods"],
    async reconcile(key, context) {
      const service = context.cache.of(Service).get(key);
      if (!service) {
        triggers.forget(key);
        return;
      }
      if (!selectsPods(service)) return;
      const pods = podsOf(service, context.cache);
      const failure = await reconcileSlices(service, pods, triggers.next(service, pods), context);
      if (failure) throw failure;
    },
  });
}

/** Answers with what could not be shown, after everything else was. */
async function reconcileSlices(
  service: Service,
  pods: readonly Pod[],
  triggerTime: string | undefined,
  context: ReconcileContext,
): Promise<Error | undefined> {
  const existing = slicesOf(nameOf(service), MAKER, context.cache);
  const families = familiesOf(service);
  const stray = existing.filter(({ addressType }) => !families.includes(addressType));
  let failure: Error | undefined;
  try {
    for (const family of families) {
      const known = existing.filter(({ addressType }) => addressType === family);
      const { groups, error } = groupsOf(service, pods, family, context);
      failure ??= error;
      const changes = changesOf(service, known, groups, family);
      await writeSlices(withTriggerTime(changes, triggerTime), { mayCreate: isStaying(service) }, context);
    }
    await writeSlices({ create: [], update: [], delete: stray }, { mayCreate: false }, context);
  } catch (error) {
    if (!hasReason(error, "Conflict") && !hasReason(error, "NotFound")) {
      const { namespace, name } = service.metadata;
      const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${describeError(error)}`;
      context.events.record(service, { type: "Warning", reason: "FailedToUpdateEndpointSlices", message });
    }
    throw error;
  }
  return failure;
}

function isStaying({ metadata }: Service): boolean {
  return metadata.deletionTimestamp === undefined;
}

function changesOf(
  service: Service,
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  family: string,
): SliceChanges {
  const form = formOf(service, family);
  const owned = existing.filter((slice) => isOwnedBy(slice, service));
  const packed = packSlices(owned, groups, form);
  const changes = { ...packed, delete: [...packed.delete, ...existing.filter((slice) => !owned.includes(slice))] };
  // A service without endpoints has one slice that says so.
  if (changes.delete.length === existing.length && changes.create.length === 0 && changes.update.length === 0) {
    const placeholder = existing.find((slice) => isPlaceholder(slice, service, form));
    if (placeholder) changes.delete.splice(changes.delete.indexOf(placeholder), 1);
    else changes.create.push(newSlice([], form));
  }
  const preference = trafficPreferenceOf(service.spec.trafficDistribution);
  const hinted = (slices: readonly EndpointSlice[]) => slices.map((slice) => withHints(slice, preference));
  const touched = new Set([...changes.update, ...changes.delete].map(({ metadata }) => metadata.name));
  const mended = owned.flatMap((slice) => {
    if (touched.has(slice.metadata.name)) return [];
    const next = withHints(slice, preference);
    return next === slice ? [] : [next];
  });
  return recycleSlices(
    { create: hinted(changes.create), update: [...hinted(changes.update), ...mended], delete: changes.delete },
    (slice) => isOwnedBy(slice, service),
  );
}

function isPlaceholder(slice: EndpointSlice, service: Service, { labels }: SliceForm): boolean {
  const isBare = !slice.endpoints?.length && !slice.ports?.length;
  const held = slice.metadata.labels ?? {};
  const isLabelled = Object.keys({ ...held, ...labels }).every((name) => held[name] === labels[name]);
  return isBare && isLabelled && isOwnedBy(slice, service);
}

function isOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return (metadata.ownerReferences ?? []).some(({ uid, kind }) => uid === service.metadata.uid && kind === "Service");
}

function formOf(service: Service, addressType: string): SliceForm {
  const { name = "", namespace } = service.metadata;
  return {
    metadata: {
      generateName: namePrefixOf(name),
      ...(namespace ? { namespace } : {}),
      ownerReferences: [controllerReference(Service, service)],
    },
    addressType,
    labels: {
      ...labelsOf(service),
      [SERVICE_NAME_LABEL]: name,
      [MANAGED_BY_LABEL]: MAKER,
    },
  };
}

/** Pods that name their ports differently stand in slices of their own. */
function groupsOf(
  service: Service,
  pods: readonly Pod[],
  family: string,
  { cache }: ReconcileContext,
): { readonly groups: readonly EndpointGroup[]; readonly error: Error | undefined } {
  const groups = new Map<string, { readonly ports: DiscoveryV1EndpointPort[]; readonly endpoints: Endpoint[] }>();
  let error: Error | undefined;
  for (const pod of pods) {
    if (!isPublished(pod, { withTerminating: true })) continue;
    const ports = portsOf(service, pod);
    const key = keyOfPorts(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    const node = cache.of(Node).get({ name: pod.spec.nodeName ?? "" });
    if (!node && service.spec.publishNotReadyAddresses !== true) {
      // Its zone is not known yet, or its host is gone and it will be.
      error ??= new Error(`The host "${pod.spec.nodeName ?? ""}" of the pod "${pod.metadata.name}" does not exist`);
      continue;
    }
    const addresses = addressesOf(pod).filter((address) => addressFamily(address) === family);
    if (addresses.length > 0) group.endpoints.push(endpointOf(pod, addresses, service, node));
  }
  return { groups: [...groups.values()], error };
}

function portsOf(service: Service, pod: Pod): DiscoveryV1EndpointPort[] {
  const { ports = [], clusterIP } = service.spec;
  if (ports.length === 0 && clusterIP === HEADLESS) return [];
  return ports.flatMap((servicePort) => {
    const port = portOf(pod, servicePort);
    if (port === undefined) return [];
    const { name = "", protocol = "TCP", appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });
}

function endpointOf(pod: Pod, addresses: readonly string[], service: Service, node: Node | undefined): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameOf(pod, service);
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  const { nodeName } = pod.spec;
  return {
    addresses: [...addresses],
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    targetRef: referenceTo(pod),
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
  };
}

function withTriggerTime(changes: SliceChanges, time: string | undefined): SliceChanges {
  const stamp = (slice: EndpointSlice): EndpointSlice => {
    const { [TRIGGER_TIME_ANNOTATION]: _time, ...others } = slice.metadata.annotations ?? {};
    const annotations = { ...others, ...(time ? { [TRIGGER_TIME_ANNOTATION]: time } : {}) };
    return { ...slice, metadata: withAnnotations(slice.metadata, annotations) };
  };
  return { create: changes.create.map(stamp), update: changes.update.map(stamp), delete: changes.delete };
}
