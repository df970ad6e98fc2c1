// What a pod as a whole asks for and may use at most, from what its containers and the pod itself say.

import type { Container, ContainerStatus, Pod, ResourceRequirements } from "@atoll/api/generated/types";
import type { Quantity } from "@atoll/api/meta/quantity";
import { type Amounts, addAmounts, addTo, raiseTo, readAmounts } from "./amounts.ts";

export interface PodResourcesOptions {
  /** Counts what the host has given to a container that is being resized, where that is more than what is asked for. */
  readonly countsStatus: boolean;
  /** Adds what the pod's runtime itself needs. */
  readonly countsOverhead: boolean;
}

type List = "requests" | "limits";

/**
 * Containers run together; init containers run before them one by one, beside the sidecars started so far: the pod needs the
 * larger of both. What the pod says as a whole takes the place of what its containers say.
 */
export function podResources(pod: Pod, list: List, options: PodResourcesOptions): Map<string, Quantity> {
  const total = sumOfContainers(pod, list, options);
  const ofPod = pod.spec.resources;
  const setsPodLevel = list === "requests" ? isPodLevel(ofPod?.requests) : hasPodLevelResources(pod);
  if (setsPodLevel) {
    for (const [name, amount] of readAmounts(ofPod?.[list])) if (isPodLevelName(name)) total.set(name, amount);
  }
  if (!options.countsOverhead) return total;
  const overhead = readAmounts(pod.spec.overhead);
  // A pod without a limit has none with its overhead either.
  const counted =
    list === "requests" ? overhead : [...overhead].filter(([name]) => (total.get(name)?.nanos ?? 0n) > 0n);
  addTo(total, new Map(counted));
  return total;
}

/** Whether the pod as a whole says what it needs, so that its containers need not. */
export function hasPodLevelResources({ spec }: Pod): boolean {
  return isPodLevel(spec.resources?.requests) || isPodLevel(spec.resources?.limits);
}

function isPodLevel(amounts: ResourceRequirements["requests"]): boolean {
  return Object.keys(amounts ?? {}).some(isPodLevelName);
}

function isPodLevelName(name: string): boolean {
  return name === "cpu" || name === "memory" || name.startsWith("hugepages-");
}

function sumOfContainers(pod: Pod, list: List, { countsStatus }: PodResourcesOptions): Map<string, Quantity> {
  const { containers = [], initContainers = [] } = pod.spec;
  const statuses = countsStatus ? statusesByName(pod) : undefined;
  const amountsOf = (container: Container) => effectiveAmounts(pod, container, list, statuses?.get(container.name));
  const total = new Map<string, Quantity>();
  for (const container of containers) addTo(total, amountsOf(container));
  const sidecars = new Map<string, Quantity>();
  const starting = new Map<string, Quantity>();
  for (const container of initContainers) {
    if (container.restartPolicy === "Always") {
      const own = amountsOf(container);
      addTo(total, own);
      addTo(sidecars, own);
      raiseTo(starting, sidecars);
    } else {
      // An init container is never resized while it runs.
      raiseTo(starting, addAmounts(readAmounts(container.resources?.[list]), sidecars));
    }
  }
  raiseTo(total, starting);
  return total;
}

function statusesByName({ status }: Pod): Map<string, ContainerStatus> | undefined {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return statuses.length === 0 ? undefined : new Map(statuses.map((each) => [each.name, each]));
}

function effectiveAmounts(
  pod: Pod,
  { resources }: Container,
  list: List,
  status: ContainerStatus | undefined,
): Amounts {
  const wanted = readAmounts(resources?.[list]);
  if (!status?.resources) return wanted;
  const effective = isResizeInfeasible(pod) ? new Map<string, Quantity>() : wanted;
  raiseTo(effective, readAmounts(status.resources[list]));
  if (list === "requests") raiseTo(effective, readAmounts(status.allocatedResources));
  return effective;
}

/** What the host will never give is not counted. */
function isResizeInfeasible({ status }: Pod): boolean {
  return status?.conditions?.find(({ type }) => type === "PodResizePending")?.reason === "Infeasible";
}
