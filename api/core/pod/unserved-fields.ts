// Fields that upstream knows and leaves out, because what they are for is not switched on by default. Whoever sends one owns it
// all the same.

import type { PodSpec, PodStatus } from "../../generated/types.ts";
import { allContainers } from "./all-containers.ts";

export function dropUnservedFields(spec: PodSpec | undefined): void {
  if (!spec) return;
  delete spec.schedulingGroup;
  for (const { container } of allContainers(spec)) {
    if (container.lifecycle?.stopSignal === undefined) continue;
    delete container.lifecycle.stopSignal;
    if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle;
  }
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      delete source.clusterTrustBundle;
      delete source.podCertificate;
    }
  }
}

export function dropUnservedStatus(status: PodStatus): void {
  delete status.nodeAllocatableResourceClaimStatuses;
}
