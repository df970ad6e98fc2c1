// Says to the hosts what the configuration says to them all, as one ConfigMap kept equal to it, whatever anybody writes into
// it. The hosts' own addresses are part of what it says: each host keeps its pods from all of them.

import { isIPv4 } from "node:net";
import {
  HOST_SETTINGS_KEY,
  HOST_SETTINGS_NAME,
  HOST_SETTINGS_NAMESPACE,
  type HostSettings,
} from "@atoll/api/config/host-settings";
import type { SupervisorConfiguration } from "@atoll/api/config/supervisor";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { Node } from "@atoll/api/core/node/kind";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import type { Lister } from "@atoll/machinery/controller/informer";
import { hasReason } from "@atoll/machinery/object/api-error";

const KEY = { namespace: HOST_SETTINGS_NAMESPACE, name: HOST_SETTINGS_NAME };
const DESCRIPTION = "What the Supervisor's configuration says to every host; written by the Supervisor alone";

export type HostSettingsInputs = Pick<SupervisorConfiguration, "api" | "network" | "images">;

export function hostSettings(configuration: HostSettingsInputs): ControllerDefinition {
  return defineController({
    name: "host-settings",
    watches: [
      { resource: Namespace, keysOf: ({ metadata }: Namespace) => (metadata.name === KEY.namespace ? [KEY] : []) },
      { resource: ConfigMap, keysOf: ({ metadata }: ConfigMap) => (isSettings(metadata) ? [KEY] : []) },
      { resource: Node, keysOf: () => [KEY] },
    ],
    owns: [`ConfigMap[${HOST_SETTINGS_NAMESPACE}/${HOST_SETTINGS_NAME}]`],
    async reconcile(_key, { client, cache, signal }) {
      const settings = settingsFor(configuration, cache.of(Node));
      const data = { [HOST_SETTINGS_KEY]: JSON.stringify(settings) };
      const existing = cache.of(ConfigMap).get(KEY);
      if (existing && JSON.stringify(existing.data) === JSON.stringify(data)) return;
      if (existing) {
        await client.update(ConfigMap, { ...existing, data }, { signal });
        return;
      }
      try {
        const annotations = { "kubernetes.io/description": DESCRIPTION };
        await client.create(ConfigMap, { metadata: { ...KEY, annotations }, data }, { signal });
      } catch (thrown) {
        if (!hasReason(thrown, "AlreadyExists")) throw thrown;
      }
    },
  });
}

function isSettings({ namespace, name }: ConfigMap["metadata"]): boolean {
  return namespace === KEY.namespace && name === KEY.name;
}

function settingsFor({ api, network, images }: HostSettingsInputs, nodes: Lister<Node>): HostSettings {
  const { clusterCidr, clusterDomain, dnsServers, managementCidrs, podsReachHosts } = network;
  const { defaultRegistry, plainHttpRegistries } = images;
  const hosts = nodes.list().flatMap(({ status }) => (status?.addresses ?? []).map(({ address }) => address));
  const reserved = podsReachHosts ? [] : [...hosts, api.address, ...api.certificateNames].filter(isReachable);
  const all = new Set([...managementCidrs, ...reserved.map((address) => `${address}/32`)]);
  return {
    network: { clusterCidr, clusterDomain, dnsServers, managementCidrs: [...all].toSorted() },
    images: { defaultRegistry, plainHttpRegistries },
  };
}

/** Names are not addresses, and loopback or "any" is reached from nowhere else. */
function isReachable(address: string): boolean {
  return isIPv4(address) && !address.startsWith("127.") && address !== "0.0.0.0";
}
