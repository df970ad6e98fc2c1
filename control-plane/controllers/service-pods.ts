// What Endpoints and EndpointSlices of a service have in common: whose pods they show, and at which ports. Pure.

import { Pod } from "@atoll/api/core/pod/kind";
import { Service } from "@atoll/api/core/service/kind";
import { HEADLESS, isExternalName } from "@atoll/api/core/service/traits";
import type { ServicePort } from "@atoll/api/generated/types";
import { addressFamily, canonicalAddress } from "@atoll/api/meta/addresses";
import type { ObjectMeta } from "@atoll/api/meta/types";
import { formatTime } from "@atoll/base/clock";
import { nameOf, type ObjectName } from "@atoll/machinery/client/client";
import type { CacheReader } from "@atoll/machinery/controller/controller";
import { isPodFinished, podCondition } from "@atoll/machinery/controller/pod-state";

export const TRIGGER_TIME_ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";
const HEADLESS_LABEL = "service.kubernetes.io/headless";

/**
 * Pods of a service become ready in bursts, and each look at the service is a look at all of them: what comes within this time
 * is seen together. The echo of one's own write is no hurry either.
 */
export const SETTLE_MS = 100;

/** Whether somebody fills the service's endpoints from pods: not for another name, nor where the author fills them himself. */
export function selectsPods(service: Service): boolean {
  return !isExternalName(service) && service.spec.selector !== undefined;
}

/** An empty selector, unlike none, selects all pods of the namespace. */
export function podsOf({ metadata, spec }: Service, cache: CacheReader): readonly Pod[] {
  const selector = Object.entries(spec.selector ?? {});
  return cache
    .of(Pod)
    .list(metadata.namespace)
    .filter((pod) => carries(pod.metadata, selector));
}

export function servicesOfPod({ metadata }: Pod, cache: CacheReader): readonly ObjectName[] {
  return cache
    .of(Service)
    .list(metadata.namespace)
    .filter((service) => selectsPods(service) && carries(metadata, Object.entries(service.spec.selector ?? {})))
    .map(nameOf);
}

function carries({ labels }: ObjectMeta, selector: readonly (readonly [string, string])[]): boolean {
  return selector.every(([name, value]) => labels?.[name] === value);
}

/** A pod that has an address and will not have ended with it. */
export function isPublished(pod: Pod, { withTerminating }: { readonly withTerminating: boolean }): boolean {
  if (isPodFinished(pod) || addressesOf(pod).length === 0) return false;
  return withTerminating || pod.metadata.deletionTimestamp === undefined;
}

export function addressesOf({ status }: Pod): readonly string[] {
  const addresses = (status?.podIPs ?? []).flatMap(({ ip }) => (ip ? canonicalAddress(ip) : []));
  return addresses.length > 0 || !status?.podIP ? addresses : [canonicalAddress(status.podIP)];
}

/** Families in which the service is reached; those of services from before families were kept follow from their address. */
export function familiesOf({ spec }: Service): readonly string[] {
  if (spec.ipFamilies?.length) return spec.ipFamilies;
  if (!spec.clusterIP || spec.clusterIP === HEADLESS) return ["IPv4", "IPv6"];
  return [addressFamily(spec.clusterIP) ?? "IPv4"];
}

/** The service's own labels, and whether it is headless. */
export function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _headless, ...own } = service.metadata.labels ?? {};
  return { ...own, ...(isWithoutAddress(service) ? { [HEADLESS_LABEL]: "" } : {}) };
}

/** Whether the service has no address of its own. */
function isWithoutAddress({ spec }: Service): boolean {
  return !spec.clusterIP || spec.clusterIP === HEADLESS;
}

/** The name by which the pod is found below the service's. */
export function hostnameOf({ spec, metadata }: Pod, service: Service): string | undefined {
  const isBelow = spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace;
  return spec.hostname && isBelow ? spec.hostname : undefined;
}

/** The pod's port behind a service's port. Undefined: none of its containers has a port of that name. */
export function portOf({ spec }: Pod, { targetPort, protocol, port }: ServicePort): number | undefined {
  if (typeof targetPort !== "string") return targetPort ?? port;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find((candidate) => candidate.name === targetPort && (candidate.protocol ?? "TCP") === (protocol ?? "TCP"))
    ?.containerPort;
}

/** Metadata with these annotations in the place of the old ones; a map of nothing is not written. */
export function withAnnotations(metadata: ObjectMeta, annotations: Readonly<Record<string, string>>): ObjectMeta {
  const { annotations: _old, ...rest } = metadata;
  return Object.keys(annotations).length > 0 ? { ...rest, annotations: { ...annotations } } : rest;
}

export function referenceTo({ metadata }: Pod) {
  const { namespace, name, uid } = metadata;
  return { kind: "Pod", ...(namespace ? { namespace } : {}), name: name ?? "", uid: uid ?? "" };
}

/**
 * When what makes a write of endpoints necessary has happened: clients measure by it how long they wait. Remembers what was
 * known at the last look, so that only news counts.
 */
export class TriggerTimes {
  readonly #known = new Map<string, { readonly serviceMs: number; readonly podsMs: ReadonlyMap<string, number> }>();

  /** The earliest news since the last call for this service. Undefined: none that has a time. */
  next(service: Service, pods: readonly Pod[]): string | undefined {
    const key = keyOf(nameOf(service));
    const before = this.#known.get(key);
    const serviceMs = timeOf(service.metadata.creationTimestamp);
    const podsMs = new Map(
      pods.map((pod) => [pod.metadata.uid ?? "", timeOf(podCondition(pod, "Ready")?.lastTransitionTime)]),
    );
    this.#known.set(key, { serviceMs, podsMs });
    if (!before) return serviceMs > 0 ? formatTime(serviceMs) : undefined;
    const news = [...podsMs].filter(([uid, ms]) => ms > (before.podsMs.get(uid) ?? 0)).map(([, ms]) => ms);
    if (serviceMs > before.serviceMs) news.push(serviceMs);
    return news.length > 0 ? formatTime(Math.min(...news)) : undefined;
  }

  forget(service: ObjectName): void {
    this.#known.delete(keyOf(service));
  }
}

function keyOf({ namespace = "", name }: ObjectName): string {
  return `${namespace}/${name}`;
}

/** 0: no time. */
function timeOf(text: string | undefined): number {
  return text ? Date.parse(text) : 0;
}
