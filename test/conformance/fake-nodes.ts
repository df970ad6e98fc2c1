// Two Nodes with nobody behind them. Some tests of the API take a Node at random or size themselves by the Nodes' capacity, and
// run no pod; these Nodes look ready and have room for no pod, so that the scheduler leaves pods pending: on a Node without a
// kubelet their deletion would never end.

import { Lease } from "@atoll/api/coordination/lease/kind";
import { Node } from "@atoll/api/core/node/kind";
import { formatTime, systemClock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";

const NAMES = ["conformance-node-1", "conformance-node-2"];
const LEASE_NAMESPACE = "kube-node-lease";
/** A kubelet's; four missed renewals make a Node unknown. */
const RENEW_EVERY_MS = 10_000;
const LEASE_SECONDS = 40;
const RESOURCES = { cpu: "4", memory: "8Gi", "ephemeral-storage": "40Gi" };

/** Makes the Nodes, then keeps them alive until the signal aborts. Rejects when they have gone unrenewed for too long. */
export async function runFakeNodes(client: Client, signal: AbortSignal): Promise<void> {
  for (const name of NAMES) await makeNode(client, name, signal);
  let renewedAtMs = systemClock.monotonicMs();
  while (!signal.aborted) {
    try {
      for (const name of NAMES) await renew(client, name, signal);
      renewedAtMs = systemClock.monotonicMs();
    } catch (error) {
      // As a kubelet would, try again: a server under all these tests may miss one.
      if (systemClock.monotonicMs() - renewedAtMs > LEASE_SECONDS * 1000) throw error;
    }
    await systemClock.sleep(RENEW_EVERY_MS, signal).catch(() => {});
  }
}

async function makeNode(client: Client, name: string, signal: AbortSignal): Promise<void> {
  const now = formatTime(Date.now());
  const labels = { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
  await client.create(Node, { apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec: {} }, { signal });
  const ready = {
    type: "Ready",
    status: "True",
    reason: "ConformanceNode",
    message: "A Node of the conformance tests",
  };
  const status = {
    capacity: { ...RESOURCES, pods: "110" },
    allocatable: { ...RESOURCES, pods: "0" },
    conditions: [{ ...ready, lastHeartbeatTime: now, lastTransitionTime: now }],
    addresses: [{ type: "Hostname", address: name }],
  };
  await client.patch(Node, { name }, { type: "merge", body: { status } }, { subresource: "status", signal });
  const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS };
  const metadata = { name, namespace: LEASE_NAMESPACE };
  await client.create(Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec }, { signal });
}

async function renew(client: Client, name: string, signal: AbortSignal): Promise<void> {
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  const patch = { type: "merge", body: { spec: { renewTime } } } as const;
  await client.patch(Lease, { name, namespace: LEASE_NAMESPACE }, patch, { signal });
}
