// Takes records of service addresses away that no service stands behind. Our API server leaves none; upstream's writes the
// record first, and a crash between the two leaves it.

import { Service } from "@atoll/api/core/service/kind";
import { IPAddress } from "@atoll/api/networking/ip-address/kind";
import { nameOf, type ObjectName } from "@atoll/machinery/client/client";
import { defineController, type ReconcileContext, type ReconcileResult } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { addressesOfService, isServiceAddress, serviceOf } from "./service-address-record.ts";

/** A record this young may be of a service that is still being written: no request takes longer. Upstream's number. */
const GRACE_MS = 60_000;

export const ipAddressCleanup = defineController({
  name: "ip-address-cleanup",
  watches: [{ resource: IPAddress }, { resource: Service, keysOf: recordsOf }],
  owns: ["IPAddress of no service"],
  async reconcile(key, context): Promise<ReconcileResult | undefined> {
    const { cache, clock } = context;
    const record = cache.of(IPAddress).get(key);
    if (!record || !isServiceAddress(record) || record.metadata.deletionTimestamp) return undefined;
    const owner = serviceOf(record);
    if (!owner) {
      const what = JSON.stringify(record.spec.parentRef ?? null);
      await remove(
        record,
        "IPAddressNotAllocated",
        `appears to have been modified, not referencing a Service ${what}`,
        context,
      );
      return undefined;
    }
    const service = cache.of(Service).get(owner);
    if (service && addressesOfService(service).includes(key.name)) return undefined;
    const ageMs = clock.now() - Date.parse(record.metadata.creationTimestamp ?? "");
    if (ageMs < GRACE_MS) return { requeueAfterMs: GRACE_MS - ageMs };
    const of = `for Service ${owner.namespace}/${owner.name}`;
    if (service) await remove(record, "IPAddressWrongReference", `${of} has a wrong reference`, context);
    else await remove(record, "IPAddressNotAllocated", `${of} appears to have leaked`, context);
    return undefined;
  },
});

function recordsOf(service: Service): readonly ObjectName[] {
  return addressesOfService(service).map((name) => ({ name }));
}

async function remove(
  record: IPAddress,
  reason: string,
  why: string,
  { client, events, signal }: ReconcileContext,
): Promise<void> {
  const { name, uid = "", resourceVersion } = record.metadata;
  events.record(record, { type: "Warning", reason, message: `IPAddress: ${name} ${why}: cleaning up` });
  try {
    // Not what somebody has made of it since.
    const preconditions = { uid, ...(resourceVersion ? { resourceVersion } : {}) };
    await client.delete(IPAddress, nameOf(record), { preconditions, signal });
  } catch (error) {
    if (!hasReason(error, "NotFound")) throw error;
  }
}
