// What the checks of the Pod Security Standards have in common: the pod they look at, and the words they answer with.

import type { Container, PodSpec } from "@atoll/api/generated/types";
import type { ObjectMeta } from "@atoll/api/meta/types";

export interface CheckedPod {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
}

export interface Violation {
  /** "host namespaces" */
  readonly reason: string;
  /** "hostPID=true" */
  readonly detail: string;
}

export type Check = (pod: CheckedPod) => Violation | undefined;

/** What a container of any sort has of what the checks look at. */
export type CheckedContainer = Pick<
  Container,
  "name" | "securityContext" | "ports" | "livenessProbe" | "readinessProbe" | "startupProbe" | "lifecycle"
>;

export function containersOf({ spec }: CheckedPod): CheckedContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** The names of the containers of which the condition holds. */
export function namesWhere(pod: CheckedPod, isBad: (container: CheckedContainer) => boolean): string[] {
  return containersOf(pod)
    .filter(isBad)
    .map(({ name }) => name);
}

/** `container "a"`, `containers "a", "b"` */
export function nameContainers(names: readonly string[]): string {
  return `${plural("container", names.length)} ${quote(names)}`;
}

export function quote(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(", ");
}

export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

export function distinct(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}

/** "pod and containers "a", "b"": who has set something on purpose; empty: nobody. */
export function settersOf(isSetByPod: boolean, names: readonly string[]): string {
  return [...(isSetByPod ? ["pod"] : []), ...(names.length > 0 ? [nameContainers(names)] : [])].join(" and ");
}
