// Says of each block of service addresses that it is in use, and holds it until no service has an address of it: a block that
// went with its addresses still given would give them again under another name.

import { containsBlock } from "@atoll/api/meta/addresses";
import { IPAddress } from "@atoll/api/networking/ip-address/kind";
import { ServiceCIDR } from "@atoll/api/networking/service-cidr/kind";
import { formatTime } from "@atoll/base/clock";
import { nameOf, type ObjectName } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  defineController,
  type ReconcileContext,
  type ReconcileResult,
} from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { blockOfAddress, isServiceAddress } from "./service-address-record.ts";

const FINALIZER = "networking.k8s.io/service-cidr-finalizer";
/** Time for every API server to hear that the block is on its way out; upstream's number. */
const GOODBYE_MS = 10_000;
/** A burst of services that go is one look at the blocks that wait for it. */
const GATHER_MS = 1000;

const READY = { status: "True", reason: "", message: "Kubernetes Service CIDR is ready" };
const TERMINATING = {
  status: "False",
  reason: "Terminating",
  message: "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
};

export const serviceCidr = defineController({
  name: "service-cidr",
  watches: [
    { resource: ServiceCIDR, keysOf: overlapping },
    { resource: IPAddress, keysOf: blocksWith, gatherMs: GATHER_MS },
  ],
  owns: ["ServiceCIDR.status", "ServiceCIDR.metadata.finalizers"],
  async reconcile(key, context) {
    const block = context.cache.of(ServiceCIDR).get(key);
    if (!block) return;
    if (block.metadata.deletionTimestamp) return release(block, block.metadata.deletionTimestamp, context);
    if (!isHeld(block)) await hold(block, context);
    else await report(block, READY, context);
    return;
  },
});

/** A block that comes or goes may free another one, or leave it as the only one. */
function overlapping(block: ServiceCIDR, cache: CacheReader): readonly ObjectName[] {
  const others = cache
    .of(ServiceCIDR)
    .list()
    .filter((other) =>
      cidrsOf(other).some((cidr) => cidrsOf(block).some((own) => containsBlock(own, cidr) || containsBlock(cidr, own))),
    );
  return [nameOf(block), ...others.map(nameOf)];
}

/** Only those on their way out wait for addresses. */
function blocksWith(address: IPAddress, cache: CacheReader): readonly ObjectName[] {
  if (!isServiceAddress(address)) return [];
  const inner = blockOfAddress(address);
  return cache
    .of(ServiceCIDR)
    .list()
    .filter((block) => block.metadata.deletionTimestamp && cidrsOf(block).some((cidr) => containsBlock(cidr, inner)))
    .map(nameOf);
}

function cidrsOf({ spec }: ServiceCIDR): readonly string[] {
  return spec.cidrs ?? [];
}

function isHeld({ metadata }: ServiceCIDR): boolean {
  return metadata.finalizers?.includes(FINALIZER) === true;
}

async function hold(block: ServiceCIDR, { client, signal }: ReconcileContext): Promise<void> {
  const finalizers = [...(block.metadata.finalizers ?? []), FINALIZER];
  await client.update(ServiceCIDR, { ...block, metadata: { ...block.metadata, finalizers } }, { signal });
}

async function release(
  block: ServiceCIDR,
  since: string,
  context: ReconcileContext,
): Promise<ReconcileResult | undefined> {
  if (!isHeld(block)) return undefined;
  const { client, cache, clock, signal } = context;
  if (!isDispensable(block, cache)) {
    await report(block, TERMINATING, context);
    return undefined;
  }
  const requeueAfterMs = Date.parse(since) + GOODBYE_MS - clock.now();
  if (requeueAfterMs > 0) return { requeueAfterMs };
  const finalizers = (block.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  try {
    await client.update(ServiceCIDR, { ...block, metadata: { ...block.metadata, finalizers } }, { signal });
  } catch (error) {
    if (!hasReason(error, "NotFound")) throw error;
  }
  return undefined;
}

/** Whether every address that is given is in another block, too. */
function isDispensable(block: ServiceCIDR, cache: CacheReader): boolean {
  const others = cache
    .of(ServiceCIDR)
    .list()
    .filter(({ metadata }) => metadata.name !== block.metadata.name)
    .flatMap(cidrsOf);
  const bare = cidrsOf(block).filter((cidr) => !others.some((other) => containsBlock(other, cidr)));
  if (bare.length === 0) return true;
  return !cache
    .of(IPAddress)
    .list()
    .filter(isServiceAddress)
    .map(blockOfAddress)
    .some(
      (address) =>
        bare.some((cidr) => containsBlock(cidr, address)) && !others.some((other) => containsBlock(other, address)),
    );
}

async function report(
  block: ServiceCIDR,
  condition: { readonly status: string; readonly reason: string; readonly message: string },
  { client, clock, signal }: ReconcileContext,
): Promise<void> {
  const old = block.status?.conditions?.find(({ type }) => type === "Ready");
  const { status, reason, message } = condition;
  if (old?.status === status && (old.reason ?? "") === reason && old.message === message) return;
  const others = (block.status?.conditions ?? []).filter(({ type }) => type !== "Ready");
  const ready = { type: "Ready", ...condition, lastTransitionTime: formatTime(clock.now()) };
  const conditions = [...others, ready];
  await client.update(
    ServiceCIDR,
    { ...block, status: { ...block.status, conditions } },
    { subresource: "status", signal },
  );
}
