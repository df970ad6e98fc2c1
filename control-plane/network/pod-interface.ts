// Gives each pod that has a host its address, MAC and gateway, as one annotation written once. The API is its only memory:
// an address is taken while any pod that carries it exists, running or not, and a restart finds everything there.
//
// Tells the user with the Event NetworkReady: from the cluster's point of view nothing is missing any more.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { POD_INTERFACE_ANNOTATION, type PodInterface, podInterface } from "@atoll/api/network/annotations";
import { nameOf } from "@atoll/machinery/client/client";
import { type CacheReader, defineController } from "@atoll/machinery/controller/controller";
import type { CacheIndex, Lister } from "@atoll/machinery/controller/informer";
import { isPodActive, podsByHost } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";
import { type Ipv4Network, formatIpv4, parseNetwork, sizeOf } from "./ipv4.ts";

/** A pod that goes frees its address, but wakes nobody who waits for one. */
const FULL_RETRY_MS = 10_000;
/** The network's own address and the gateway at the front, the broadcast address at the end. */
const RESERVED_FRONT = 2;
const RESERVED_END = 1;

const podsByAddress: CacheIndex<Pod> = {
  name: "pods by address",
  valuesOf: (pod) => {
    const held = readPodInterface(pod)?.address.split("/")[0];
    return held === undefined ? [] : [held];
  },
};

/** Undefined where there is none, or somebody wrote nonsense. */
export function readPodInterface(pod: Pod): PodInterface | undefined {
  const text = pod.metadata.annotations?.[POD_INTERFACE_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    return podInterface.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: as good as not there.
    return undefined;
  }
}

/** A controller with its own short memory: addresses given whose echo has not come, and where each host's search goes on. */
export function podInterfaces() {
  const given = new Map<string, { readonly uid: string; readonly name: ReturnType<typeof nameOf> }>();
  const cursors = new Map<string, number>();
  return defineController({
    name: "pod-interface",
    watches: [{ resource: Pod }, { resource: Node, keysOf: waitingPodsOf }],
    owns: [`Pod.metadata.annotations[${POD_INTERFACE_ANNOTATION}]`],
    async reconcile(key, { client, cache, events, signal }) {
      const pods = cache.of(Pod);
      const pod = pods.get(key);
      if (!pod?.spec.nodeName || !isPodActive(pod) || readPodInterface(pod)) return;
      const network = parseNetwork(cache.of(Node).get({ name: pod.spec.nodeName })?.spec.podCIDR ?? "");
      // The host has no share yet; its Node's change wakes the pod.
      if (!network) return;
      forgetEchoed(given, pods);
      const address = freeAddress(
        network,
        cursors,
        (text) => given.has(text) || pods.indexed(podsByAddress, text).length > 0,
      );
      if (address === undefined) {
        const message = `All addresses of host ${pod.spec.nodeName} are taken`;
        events.record(pod, { type: "Warning", reason: "FailedNetwork", message });
        return { requeueAfterMs: FULL_RETRY_MS };
      }
      const { uid = "" } = pod.metadata;
      const text = formatIpv4(address);
      given.set(text, { uid, name: nameOf(pod) });
      const value = interfaceOf(network, address);
      const body = { metadata: { uid, annotations: { [POD_INTERFACE_ANNOTATION]: JSON.stringify(value) } } };
      try {
        await client.patch(Pod, key, { type: "merge", body }, { signal });
      } catch (thrown) {
        // An answer that was lost may stand for a write that was not: the address stays given until the cache shows.
        if (hasReason(thrown, "NotFound") || hasReason(thrown, "Conflict")) given.delete(text);
        if (hasReason(thrown, "NotFound")) return;
        throw thrown;
      }
      const message = `Pod has address ${value.address} on the pod network`;
      events.record(pod, { type: "Normal", reason: "NetworkReady", message });
      return;
    },
  });
}

function waitingPodsOf(node: Node, cache: CacheReader) {
  if (!node.spec.podCIDR) return [];
  return cache
    .of(Pod)
    .indexed(podsByHost, node.metadata.name ?? "")
    .filter((pod) => pod.metadata.annotations?.[POD_INTERFACE_ANNOTATION] === undefined)
    .map(nameOf);
}

/** An address is remembered here only until the cache shows it on its pod, or the pod gone. */
function forgetEchoed(
  given: Map<string, { readonly uid: string; readonly name: ReturnType<typeof nameOf> }>,
  pods: Lister<Pod>,
): void {
  for (const [address, { uid, name }] of given) {
    const pod = pods.get(name);
    if (pod?.metadata.uid !== uid || readPodInterface(pod)) given.delete(address);
  }
}

/** Goes round the network, so that an address rests for as long as it can before somebody else has it. */
function freeAddress(
  network: Ipv4Network,
  cursors: Map<string, number>,
  isTaken: (address: string) => boolean,
): number | undefined {
  const usable = sizeOf(network.prefixLength) - RESERVED_FRONT - RESERVED_END;
  const cursorKey = formatIpv4(network.base);
  const start = cursors.get(cursorKey) ?? 0;
  for (let step = 0; step < usable; step++) {
    const offset = (start + step) % usable;
    const address = network.base + RESERVED_FRONT + offset;
    if (isTaken(formatIpv4(address))) continue;
    cursors.set(cursorKey, (offset + 1) % usable);
    return address;
  }
  return undefined;
}

/** The MAC holds the address, with the bit for "locally administered": unique where the address is, and the same on any day. */
function interfaceOf(network: Ipv4Network, address: number): PodInterface {
  const bytes = [24, 16, 8, 0].map((shift) => (Math.floor(address / 2 ** shift) % 256).toString(16).padStart(2, "0"));
  return {
    mac: `02:00:${bytes.join(":")}`,
    address: `${formatIpv4(address)}/${network.prefixLength}`,
    gateway: formatIpv4(network.base + 1),
  };
}
