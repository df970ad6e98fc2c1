// Gives each host its share of the cluster's pod addresses, as Node.spec.podCIDR. The API is its only memory: what is taken is
// what Nodes say. A host's share never changes while its Node exists; the API refuses that, too.

import { Node } from "@atoll/api/core/node/kind";
import { assert } from "@atoll/base/errors";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import type { CacheIndex } from "@atoll/machinery/controller/informer";
import { hasReason } from "@atoll/machinery/object/api-error";
import { formatNetwork, parseNetwork, sizeOf } from "./ipv4.ts";

/** When all shares are taken, a host that leaves frees one; nothing wakes the waiting host then. */
const FULL_RETRY_MS = 60_000;

const nodesByCidr: CacheIndex<Node> = {
  name: "nodes by pod CIDR",
  valuesOf: (node) => (node.spec.podCIDR ? [node.spec.podCIDR] : []),
};

export interface NodeCidrOptions {
  /** "10.244.0.0/16" */
  readonly clusterCidr: string;
  readonly hostPrefixLength: number;
}

/** Throws when the configuration's network is none, or too small for one host. */
export function nodeCidr({ clusterCidr, hostPrefixLength }: NodeCidrOptions): ControllerDefinition {
  const cluster = parseNetwork(clusterCidr);
  assert(cluster !== undefined, `"network.clusterCidr" is not an IPv4 network: "${clusterCidr}"`);
  assert(
    hostPrefixLength >= cluster.prefixLength && hostPrefixLength <= 30,
    `"network.hostPrefixLength" must be between ${cluster.prefixLength} and 30`,
  );
  const shares = 2 ** (hostPrefixLength - cluster.prefixLength);
  /** Shares written whose echo the cache may not have yet, with the host that has them. */
  const given = new Map<string, string>();
  return defineController({
    name: "node-cidr",
    watches: [{ resource: Node }],
    owns: ["Node.spec.podCIDR", "Node.spec.podCIDRs"],
    // One at a time: two hosts must not be given the same share.
    concurrency: 1,
    async reconcile(key, { client, cache, events, signal }) {
      const nodes = cache.of(Node);
      const node = nodes.get(key);
      if (!node || node.spec.podCIDR || node.metadata.deletionTimestamp !== undefined) return;
      for (const [cidr, hostName] of given) {
        if (nodes.get({ name: hostName })?.spec.podCIDR !== undefined) given.delete(cidr);
      }
      for (let index = 0; index < shares; index++) {
        const base = cluster.base + index * sizeOf(hostPrefixLength);
        const podCIDR = formatNetwork({ base, prefixLength: hostPrefixLength });
        if (nodes.indexed(nodesByCidr, podCIDR).length > 0 || given.has(podCIDR)) continue;
        const { uid = "" } = node.metadata;
        given.set(podCIDR, key.name);
        try {
          const body = { metadata: { uid }, spec: { podCIDR, podCIDRs: [podCIDR] } };
          await client.patch(Node, key, { type: "merge", body }, { signal });
        } catch (thrown) {
          given.delete(podCIDR);
          if (hasReason(thrown, "NotFound") || hasReason(thrown, "Conflict")) return;
          throw thrown;
        }
        return;
      }
      const message = `All ${shares} shares of ${clusterCidr} are taken; the host gets no pods until another one leaves`;
      events.record(node, { type: "Warning", reason: "CIDRNotAvailable", message });
      return { requeueAfterMs: FULL_RETRY_MS };
    },
  });
}
