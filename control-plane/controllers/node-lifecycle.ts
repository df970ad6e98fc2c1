// Notices a host that fell silent: no renewed Lease and no heartbeat for a while makes its Node's conditions Unknown, its
// pods not ready, and its taints say so. Measured on our own clock, since the host's may be wrong.

import { Lease } from "@atoll/api/coordination/lease/kind";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { isPodReady, podsByHost } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";
import { withCondition } from "./condition.ts";
import { isSameTaints, wantedTaints } from "./node-taints.ts";

const LEASE_NAMESPACE = "kube-node-lease";
/** Four missed renewals of 10 s; upstream's default. */
export const SILENCE_GRACE_MS = 40_000;
/** What a silent host cannot vouch for any more. */
const VOUCHED_CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** A controller with its own memory of when each host was last heard of. */
export function nodeLifecycle(): ControllerDefinition {
  const heard = new Map<string, { readonly sign: string; readonly atMs: number }>();
  return defineController({
    name: "node-lifecycle",
    watches: [
      { resource: Node },
      {
        resource: Lease,
        keysOf: ({ metadata }: Lease) =>
          metadata.namespace === LEASE_NAMESPACE ? [{ name: metadata.name ?? "" }] : [],
      },
      { resource: Pod, keysOf: () => [] },
    ],
    owns: ["Node.spec.taints"],
    async reconcile(key, context) {
      const { cache, clock } = context;
      const node = cache.of(Node).get(key);
      if (!node) {
        heard.delete(key.name);
        return;
      }
      const sign = signOfLife(node, cache.of(Lease).get({ name: key.name, namespace: LEASE_NAMESPACE }));
      let last = heard.get(key.name);
      if (last?.sign !== sign) {
        last = { sign, atMs: clock.monotonicMs() };
        heard.set(key.name, last);
      }
      const silentMs = clock.monotonicMs() - last.atMs;
      const isSilent = silentMs >= SILENCE_GRACE_MS;
      const current = isSilent ? await markUnknown(node, context) : node;
      await setTaints(current, context);
      if (current.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "Unknown")) {
        await markPodsNotReady(current, context);
      }
      return isSilent ? undefined : { requeueAfterMs: SILENCE_GRACE_MS - silentMs };
    },
  });
}

function signOfLife(node: Node, lease: Lease | undefined): string {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  // Our own "Unknown" is no sign of the host's life.
  const heartbeat = ready?.status === "Unknown" ? "" : `${ready?.lastHeartbeatTime}`;
  return lease ? `lease ${lease.spec?.renewTime}` : `status ${heartbeat}`;
}

async function markUnknown(node: Node, { client, clock, events, signal }: ReconcileContext): Promise<Node> {
  const now = formatTime(clock.now());
  let conditions = node.status?.conditions ?? [];
  for (const type of VOUCHED_CONDITIONS) {
    const old = conditions.find((condition) => condition.type === type);
    if (old?.status === "Unknown") continue;
    const never = old === undefined;
    const changed = withCondition(
      conditions,
      {
        type,
        status: "Unknown",
        reason: never ? "NodeStatusNeverUpdated" : "NodeStatusUnknown",
        message: never ? "The host never posted its status." : "The host stopped posting its status.",
        ...(old?.lastHeartbeatTime === undefined ? {} : { lastHeartbeatTime: old.lastHeartbeatTime }),
      },
      now,
    );
    conditions = changed;
  }
  if (conditions === node.status?.conditions) return node;
  events.record(node, {
    type: "Normal",
    reason: "NodeNotReady",
    message: `Node ${node.metadata.name} status is now: NodeNotReady`,
  });
  return client.update(Node, { ...node, status: { ...node.status, conditions } }, { subresource: "status", signal });
}

async function setTaints(node: Node, { client, clock, signal }: ReconcileContext): Promise<void> {
  const taints = wantedTaints(node, formatTime(clock.now()));
  if (isSameTaints(taints, node.spec.taints ?? [])) return;
  const { uid, resourceVersion } = node.metadata;
  const body = { metadata: { uid, resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } };
  await client.patch(Node, nameOf(node), { type: "merge", body }, { signal });
}

/** Services and Deployments must not count on pods nobody hears of. The host itself corrects this when it is back. */
async function markPodsNotReady(node: Node, { client, cache, clock, signal }: ReconcileContext): Promise<void> {
  const now = formatTime(clock.now());
  for (const pod of cache
    .of(Pod)
    .indexed(podsByHost, node.metadata.name ?? "")
    .filter(isPodReady)) {
    const condition = {
      type: "Ready",
      status: "False",
      reason: "NodeNotReady",
      message: `Host ${node.metadata.name} does not answer`,
    };
    const conditions = withCondition(pod.status?.conditions, condition, now);
    const { uid, resourceVersion } = pod.metadata;
    const body = { metadata: { uid, resourceVersion }, status: { conditions } };
    try {
      await client.patch(Pod, nameOf(pod), { type: "merge", body }, { subresource: "status", signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
  }
}
