// A pod stays bound for five minutes to a host that has gone silent, unless it says otherwise.

import { Pod } from "@atoll/api/core/pod/kind";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

const TOLERATION_SECONDS = 300;
const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] as const;

export function defaultTolerations(resources: ResourceTable): AdmissionStep {
  const pods = resources.of(Pod);
  return {
    name: "DefaultTolerationSeconds",
    mutate({ operation, kind, subresource, object }) {
      if (kind !== pods.kind || subresource !== "" || !object) return;
      // Of a change, too: a client that writes the pod as its file has it does not mean to take them away.
      if (operation !== "CREATE" && operation !== "UPDATE") return;
      const { spec } = object as Pod; // the kind is Pod
      if (!spec) return;
      const tolerations = spec.tolerations ?? [];
      for (const key of TAINTS) {
        const isTolerated = tolerations.some(
          (toleration) =>
            (toleration.key === key || !toleration.key) && (toleration.effect === "NoExecute" || !toleration.effect),
        );
        if (isTolerated) continue;
        tolerations.push({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: TOLERATION_SECONDS });
      }
      spec.tolerations = tolerations;
    },
  };
}
