// In which order clients are shown the groups of this server and their versions: upstream's numbers, which decide what a word
// means that several groups know.

import { ownValue } from "@atoll/base/own-value";
import { tableOf } from "@atoll/base/table-of";

export interface ApiPriority {
  readonly group: number;
  readonly version: number;
}

/** Group to its own number, and version to the number it has in the group. */
const PRIORITIES: Readonly<Record<string, readonly [number, Readonly<Record<string, number>>]>> = tableOf({
  "": [18_000, { v1: 1 }],
  apps: [17_800, { v1: 15 }],
  "events.k8s.io": [17_750, { v1: 15, v1beta1: 5 }],
  "authentication.k8s.io": [17_700, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  "authorization.k8s.io": [17_600, { v1: 15 }],
  autoscaling: [17_500, { v1: 15, v2: 30 }],
  batch: [17_400, { v1: 15, v1beta1: 9 }],
  "certificates.k8s.io": [17_300, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  "networking.k8s.io": [17_200, { v1: 15, v1beta1: 9 }],
  policy: [17_100, { v1: 15, v1beta1: 9 }],
  "rbac.authorization.k8s.io": [17_000, { v1: 15 }],
  "storage.k8s.io": [16_800, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  "apiextensions.k8s.io": [16_700, { v1: 15 }],
  "admissionregistration.k8s.io": [16_700, { v1: 15, v1beta1: 12, v1alpha1: 9 }],
  "scheduling.k8s.io": [16_600, { v1: 15, v1alpha2: 2 }],
  "coordination.k8s.io": [16_500, { v1: 15, v1beta1: 13, v1alpha2: 12 }],
  "node.k8s.io": [16_300, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  "discovery.k8s.io": [16_200, { v1: 15, v1beta1: 12 }],
  "resource.k8s.io": [16_200, { v1: 21, v1beta2: 15, v1beta1: 9, v1alpha3: 1 }],
  "flowcontrol.apiserver.k8s.io": [16_100, { v1: 21, v1beta3: 18 }],
  "internal.apiserver.k8s.io": [16_000, { v1alpha1: 9 }],
  "storagemigration.k8s.io": [15_800, { v1beta1: 9 }],
});

/** Of custom resources: after all that is built in. */
export const CUSTOM_PRIORITY: ApiPriority = { group: 1000, version: 100 };

/** Undefined: upstream does not know the group, and neither do we register it. */
export function builtInPriority(group: string, version: string): ApiPriority | undefined {
  const known = PRIORITIES[group];
  const versionPriority = ownValue(known?.[1], version);
  return known && versionPriority !== undefined ? { group: known[0], version: versionPriority } : undefined;
}
