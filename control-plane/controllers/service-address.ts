// Sees to it that each service's addresses are recorded as its own. The API server writes both together, so this finds work only
// where others wrote: in data of another control plane, or where somebody deleted a record by hand.

import { Service } from "@atoll/api/core/service/kind";
import { addressFamily, containsBlock } from "@atoll/api/meta/addresses";
import { IPAddress } from "@atoll/api/networking/ip-address/kind";
import { ServiceCIDR } from "@atoll/api/networking/service-cidr/kind";
import { nameOf, type ObjectName } from "@atoll/machinery/client/client";
import { type CacheReader, defineController, type ReconcileContext } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { addressesOfService, blockOfAddress, recordOf, serviceOf } from "./service-address-record.ts";

/** Service and record come by two watches; who looks at once sees the one without the other. */
const GATHER_MS = 5000;

export const serviceAddress = defineController({
  name: "service-address",
  watches: [
    { resource: Service, gatherMs: GATHER_MS },
    { resource: IPAddress, keysOf: ownerOf, gatherMs: GATHER_MS },
    // Only read: a block that comes changes nothing of what is given.
    { resource: ServiceCIDR, keysOf: () => [] },
  ],
  owns: ["IPAddress"],
  async reconcile(key, context) {
    const service = context.cache.of(Service).get(key);
    if (!service || service.metadata.deletionTimestamp) return;
    for (const address of addressesOfService(service)) await settle(address, service, context);
  },
});

function ownerOf(record: IPAddress): readonly ObjectName[] {
  const owner = serviceOf(record);
  return owner ? [owner] : [];
}

async function settle(address: string, service: Service, context: ReconcileContext): Promise<void> {
  const { cache, client, signal } = context;
  const wanted = recordOf(address, service);
  const family = addressFamily(address);
  const warn = (reason: string, message: string) =>
    context.events.record(service, { type: "Warning", reason, message });
  if (!isInBlock(wanted, cache)) {
    warn(
      "ClusterIPOutOfRange",
      `Cluster IP [${family}]: ${address} is not within any configured Service CIDR; please recreate service`,
    );
    return;
  }
  const record = cache.of(IPAddress).get({ name: address });
  if (!record) {
    warn("ClusterIPNotAllocated", `Cluster IP [${family}]: ${address} is not allocated; repairing`);
    await create(wanted, context);
    return;
  }
  const owner = serviceOf(record);
  const { namespace, name } = service.metadata;
  if (owner?.name === name && owner?.namespace === namespace) {
    await mendLabels(record, wanted, context);
    return;
  }
  const other = owner && cache.of(Service).get(owner);
  if (other && addressesOfService(other).includes(address)) {
    warn(
      "ClusterIPAlreadyAllocated",
      `Cluster IP [${family}]:${address} was assigned to multiple services; please recreate service`,
    );
    return;
  }
  warn(
    "ClusterIPNotAllocated",
    `the ClusterIP [${family}]: ${address} for Service ${namespace}/${name} has a wrong reference; repairing`,
  );
  const uid = record.metadata.uid ?? "";
  await client.delete(IPAddress, nameOf(record), { preconditions: { uid }, signal });
  await create(wanted, context);
}

/** Another writer who was quicker is looked at when the cache has heard of him. */
async function create(record: IPAddress, { client, signal }: ReconcileContext): Promise<void> {
  try {
    await client.create(IPAddress, record, { signal });
  } catch (error) {
    if (!hasReason(error, "AlreadyExists")) throw error;
  }
}

async function mendLabels(record: IPAddress, wanted: IPAddress, { client, signal }: ReconcileContext): Promise<void> {
  const labels = wanted.metadata.labels ?? {};
  if (Object.entries(labels).every(([name, value]) => record.metadata.labels?.[name] === value)) return;
  const metadata = { ...record.metadata, labels: { ...record.metadata.labels, ...labels } };
  await client.update(IPAddress, { ...record, metadata }, { signal });
}

function isInBlock(record: IPAddress, cache: CacheReader): boolean {
  const inner = blockOfAddress(record);
  return cache
    .of(ServiceCIDR)
    .list()
    .some(({ spec }) => (spec.cidrs ?? []).some((cidr) => containsBlock(cidr, inner)));
}
