// Where a host's spherelet listens, as its Node says.

import { Node } from "@atoll/api/core/node/kind";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import type { ResourceTable } from "../registry/resource-table.ts";

const DEFAULT_PORT = 10_250;
/** The first of these that a Node has is taken. */
const ADDRESS_TYPES = ["InternalIP", "Hostname", "InternalDNS", "ExternalIP"] as const;

export interface NodeEndpoint {
  readonly host: string;
  readonly port: number;
}

export async function findNodeEndpoint(resources: ResourceTable, nodeName: string): Promise<NodeEndpoint> {
  const nodes = resources.of(Node);
  const stored = await nodes.get(nodes.keyOf("", nodeName));
  if (!stored) throw notFound({ group: "", name: "nodes" }, nodeName);
  const { status } = stored.object as Node; // the store holds Nodes only
  const addresses = status?.addresses ?? [];
  for (const type of ADDRESS_TYPES) {
    const found = addresses.find((address) => address.type === type);
    if (found) return { host: found.address, port: status?.daemonEndpoints?.kubeletEndpoint?.Port ?? DEFAULT_PORT };
  }
  throw new ApiError("ServiceUnavailable", `node ${JSON.stringify(nodeName)} has no address yet`);
}
