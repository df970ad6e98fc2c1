// What the subresources that change one part of a pod have in common.

import type { Pod, PodSpec } from "../../generated/types.ts";
import { MIRROR_ANNOTATION } from "./annotation-validation.ts";

/** Everything of the new pod becomes what it was, but for what `change` makes of the spec. */
export function keepPodBut(pod: Pod, old: Pod, change: (spec: PodSpec) => PodSpec): void {
  pod.spec = change(old.spec);
  if (old.status) pod.status = old.status;
  else delete pod.status;
  for (const field of ["labels", "annotations", "finalizers", "ownerReferences"] as const) {
    delete pod.metadata[field];
    if (old.metadata[field] !== undefined) Object.assign(pod.metadata, { [field]: old.metadata[field] });
  }
}

/** A pod that its host made of a file of its own; the API only shows it. */
export function isMirrorPod({ metadata }: Pod): boolean {
  return metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;
}
