// Which evaluator a kind has: its own, where more than the number of its objects counts.

import type { KubeObject } from "@atoll/api/resource";
import { countEvaluator } from "./count-evaluator.ts";
import { deviceClaimEvaluator } from "./device-claim-evaluator.ts";
import type { QuotaEvaluator } from "./evaluator.ts";
import { podEvaluator } from "./pod-evaluator.ts";
import { serviceEvaluator } from "./service-evaluator.ts";
import { volumeClaimEvaluator } from "./volume-claim-evaluator.ts";

interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

// Each meets objects of the kind it stands beside alone.
const OWN = new Map<string, unknown>([
  ["/pods", podEvaluator],
  ["/services", serviceEvaluator],
  ["/persistentvolumeclaims", volumeClaimEvaluator],
  ["resource.k8s.io/resourceclaims", deviceClaimEvaluator],
]) as ReadonlyMap<string, QuotaEvaluator<KubeObject>>;

/** Kept by nobody, or kept for so short a time that counting them would only stand in the way. */
const UNCOUNTED: ReadonlySet<string> = new Set(["/bindings", "/componentstatuses", "/events", "events.k8s.io/events"]);
const UNCOUNTED_GROUPS = ["authentication.k8s.io", "authorization.k8s.io"];

/** Undefined: no quota counts the kind. */
export function evaluatorOf(resource: ResourceName): QuotaEvaluator<KubeObject> | undefined {
  const { group, plural } = resource;
  const name = `${group}/${plural}`;
  if (UNCOUNTED.has(name) || UNCOUNTED_GROUPS.includes(group)) return undefined;
  return OWN.get(name) ?? countEvaluator(resource);
}

/** Whether more than an object's metadata is needed to count it. */
export function needsWholeObjects({ group, plural }: ResourceName): boolean {
  return OWN.has(`${group}/${plural}`);
}
