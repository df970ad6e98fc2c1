// Resolves a pod's priority class. Only Kubernetes' own two classes exist until PriorityClass is served.

import { Pod } from "@atoll/api/core/pod/kind";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ["", 0],
  ["system-cluster-critical", 2_000_000_000],
  ["system-node-critical", 2_000_001_000],
]);

export function podPriority(resources: ResourceTable): AdmissionStep {
  const pods = resources.of(Pod);
  return {
    name: "Priority",
    mutate(request) {
      if (request.operation !== "CREATE" || request.kind !== pods.kind || !request.object) return;
      const { spec } = request.object as Pod; // the kind is Pod
      if (!spec) return;
      const priority = PRIORITIES.get(spec.priorityClassName ?? "");
      if (priority === undefined)
        throw forbid(request, `no PriorityClass with name ${spec.priorityClassName} was found`);
      if (spec.priority !== undefined && spec.priority !== priority) {
        throw forbid(
          request,
          `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
        );
      }
      spec.priority = priority;
      spec.preemptionPolicy ??= "PreemptLowerPriority";
    },
  };
}
