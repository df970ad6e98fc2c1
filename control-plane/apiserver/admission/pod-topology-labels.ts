// Pods carry the zone and the region of their host, so that what runs inside can read them without reading Nodes.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

const LABELS = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/** The labels that a pod on the host gets; none of a host that is not known. */
export function topologyLabels(resources: ResourceTable, hostName: string): Record<string, string> {
  const nodes = resources.of(Node);
  const labels = nodes.peek(nodes.keyOf("", hostName))?.object.metadata.labels ?? {};
  return Object.fromEntries(Object.entries(labels).filter(([name]) => LABELS.includes(name)));
}

/** For pods that are made with their host; those that are bound later get theirs with the binding. */
export function podTopologyLabels(resources: ResourceTable): AdmissionStep {
  const pods = resources.of(Pod);
  return {
    name: "PodTopologyLabels",
    mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" || kind !== pods.kind || subresource !== "" || !object) return;
      const { spec, metadata } = object as Pod; // the kind is Pod
      if (!spec?.nodeName) return;
      const labels = topologyLabels(resources, spec.nodeName);
      if (Object.keys(labels).length > 0) metadata.labels = { ...metadata.labels, ...labels };
    },
  };
}
