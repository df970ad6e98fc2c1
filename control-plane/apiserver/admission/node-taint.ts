// A new host takes no pods before it has said that it is ready; its taint is taken away then.

import { Node } from "@atoll/api/core/node/kind";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

const NOT_READY = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" } as const;

export function nodeTaint(resources: ResourceTable): AdmissionStep {
  const nodes = resources.of(Node);
  return {
    name: "TaintNodesByCondition",
    mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" || kind !== nodes.kind || subresource !== "" || !object) return;
      const node = object as Node; // the kind is Node
      const taints = node.spec?.taints ?? [];
      if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return;
      node.spec = { ...node.spec, taints: [...taints, { ...NOT_READY }] };
    },
  };
}
