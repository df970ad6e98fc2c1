// Keeps the Endpoints of each service that selects pods: what clients from before EndpointSlices read.

import { Endpoints } from "@atoll/api/core/endpoints/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Service } from "@atoll/api/core/service/kind";
import { HEADLESS } from "@atoll/api/core/service/traits";
import type { EndpointAddress, EndpointSubset } from "@atoll/api/generated/types";
import { addressFamily } from "@atoll/api/meta/addresses";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { describeError } from "@atoll/base/errors";
import type { ObjectName } from "@atoll/machinery/client/client";
import {
  type ControllerDefinition,
  defineController,
  type ReconcileContext,
} from "@atoll/machinery/controller/controller";
import { isPodReady } from "@atoll/machinery/controller/pod-state";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";
import { type OfferedPort, packSubsets, truncateSubsets } from "./endpoint-subsets.ts";
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

const OVER_CAPACITY_ANNOTATION = "endpoints.kubernetes.io/over-capacity";
const MANAGED_BY_LABEL = "endpoints.kubernetes.io/managed-by";
const MANAGED_BY = "endpoint-controller";

export function endpoints(): ControllerDefinition {
  const triggers = new TriggerTimes();
  return defineController({
    name: "endpoint",
    watches: [
      { resource: Service },
      { resource: Pod, keysOf: servicesOfPod, gatherMs: SETTLE_MS },
      { resource: Endpoints, gatherMs: SETTLE_MS },
    ],
    owns: ["Endpoints"],
    async reconcile(key, context) {
      const service = context.cache.of(Service).get(key);
      if (!service) {
        triggers.forget(key);
        await deleteLeftover(key, context);
        return;
      }
      if (!selectsPods(service)) return;
      const pods = podsOf(service, context.cache);
      await write(service, subsetsOf(service, pods), triggers.next(service, pods), context);
    },
  });
}

/** The server takes a service's endpoints away with it. Those of no service are somebody's own, unless they were made here. */
async function deleteLeftover(key: ObjectName, { client, cache, signal }: ReconcileContext): Promise<void> {
  const leftover = cache.of(Endpoints).get(key);
  if (leftover?.metadata.labels?.[MANAGED_BY_LABEL] !== MANAGED_BY || leftover.metadata.deletionTimestamp) return;
  const uid = leftover.metadata.uid ?? "";
  try {
    await client.delete(Endpoints, key, { preconditions: { uid }, signal });
  } catch (error) {
    if (!hasReason(error, "NotFound")) throw error;
  }
}

function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const isTolerant = service.spec.publishNotReadyAddresses === true;
  const offers = pods.flatMap((pod): OfferedPort[] => {
    if (!isPublished(pod, { withTerminating: isTolerant })) return [];
    const address = addressIn(pod, service);
    if (!address) return [];
    const isReady = isTolerant || isPodReady(pod);
    const ports = service.spec.ports ?? [];
    if (ports.length === 0) {
      return service.spec.clusterIP === HEADLESS ? [{ address, port: undefined, isReady }] : [];
    }
    return ports.flatMap((servicePort) => {
      const number = portOf(pod, servicePort);
      if (number === undefined) return [];
      const { name, protocol = "TCP", appProtocol } = servicePort;
      const port = { ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) };
      return [{ address, port, isReady }];
    });
  });
  return packSubsets(offers);
}

/** In the service's first family: Endpoints know no other. */
function addressIn(pod: Pod, service: Service): EndpointAddress | undefined {
  const [family] = familiesOf(service);
  const ip = addressesOf(pod).find((address) => addressFamily(address) === family);
  if (!ip) return undefined;
  const hostname = hostnameOf(pod, service);
  const { nodeName } = pod.spec;
  return {
    ip,
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: referenceTo(pod),
  };
}

async function write(
  service: Service,
  packed: readonly EndpointSubset[],
  triggerTime: string | undefined,
  { client, cache, events, signal }: ReconcileContext,
): Promise<void> {
  const { name, namespace } = service.metadata;
  const current = cache.of(Endpoints).get({ name: name ?? "", namespace });
  if (current?.metadata.deletionTimestamp) return;
  const { subsets, isTruncated } = truncateSubsets(packed);
  const labels = { ...labelsOf(service), [MANAGED_BY_LABEL]: MANAGED_BY };
  const {
    [TRIGGER_TIME_ANNOTATION]: _time,
    [OVER_CAPACITY_ANNOTATION]: truncated,
    ...others
  } = current?.metadata.annotations ?? {};
  const isSame =
    current &&
    isEqualJson(current.subsets ?? [], subsets) &&
    isEqualJson(current.metadata.labels ?? {}, labels) &&
    (truncated !== undefined) === isTruncated;
  if (isSame) return;
  const annotations = {
    ...others,
    ...(triggerTime ? { [TRIGGER_TIME_ANNOTATION]: triggerTime } : {}),
    ...(isTruncated ? { [OVER_CAPACITY_ANNOTATION]: "truncated" } : {}),
  };
  const what = `${namespace}/${name}`;
  try {
    if (current) {
      await client.update(
        Endpoints,
        { ...current, metadata: withAnnotations({ ...current.metadata, labels }, annotations), subsets },
        { signal },
      );
    } else {
      const metadata = { name: name ?? "", ...(namespace ? { namespace } : {}), labels };
      await client.create(Endpoints, { metadata: withAnnotations(metadata, annotations), subsets }, { signal });
    }
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    // Another writer was quicker: nothing that anybody needs to hear of.
    if (!hasReason(error, "Conflict") && !hasReason(error, "AlreadyExists") && !hasReason(error, "NotFound")) {
      const [reason, message] = current
        ? ["FailedToUpdateEndpoint", `Failed to update endpoint ${what}: ${describeError(error)}`]
        : ["FailedToCreateEndpoint", `Failed to create endpoint for service ${what}: ${describeError(error)}`];
      events.record(current ?? service, { type: "Warning", reason, message });
    }
    throw error;
  }
}
