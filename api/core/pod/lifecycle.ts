import type { Pod, PodCondition } from "../../generated/types.ts";
import { selectByLabelKeys } from "./label-keys.ts";
import { qosClassOf } from "./quality-of-service.ts";
import { dropUnservedFields } from "./unserved-fields.ts";

export function preparePodForCreate(pod: Pod): void {
  dropUnservedFields(pod.spec);
  selectByLabelKeys(pod);
  // Of all that a client says of the status, upstream believes the class alone.
  pod.status = { phase: "Pending", qosClass: pod.status?.qosClass || qosClassOf(pod) };
  if (pod.spec?.schedulingGates?.length) pod.status.conditions = [gatedCondition(pod)];
}

function gatedCondition({ metadata }: Pod): PodCondition {
  return {
    ...{ type: "PodScheduled", status: "False", reason: "SchedulingGated" },
    ...(metadata.creationTimestamp && { lastTransitionTime: metadata.creationTimestamp }),
    message: "Scheduling is blocked due to non-empty scheduling gates",
  };
}

/** A write to the pod itself never changes its status. */
export function preparePodForUpdate(pod: Pod, old: Pod): void {
  dropUnservedFields(pod.spec);
  if (old.status) pod.status = structuredClone(old.status);
}

/** A pod that no host has, or that has ended, needs no grace. */
export function podDeletionGraceSeconds(pod: Pod): number {
  const phase = pod.status?.phase;
  if (!pod.spec?.nodeName || phase === "Failed" || phase === "Succeeded") return 0;
  const grace = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return grace < 0 ? 1 : grace;
}

/** What a pod gets between the request to stop and the end by force. */
export const DEFAULT_GRACE_SECONDS = 30;
