import type { Container, Pod, PodAffinityTerm } from "@atoll/api/generated/types";
import { qosClassOf } from "@atoll/api/core/pod/quality-of-service";
import { fromUnits, type Quantity } from "@atoll/api/meta/quantity";
import { type Amounts, readAmounts } from "./amounts.ts";
import { countOf, type QuotaEvaluator, type ScopeRequirement } from "./evaluator.ts";
import { hasPodLevelResources, podResources } from "./pod-resources.ts";
import { matchesName } from "./scopes.ts";

const COUNT = countOf({ group: "", plural: "pods" });
const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const LIMITS: ReadonlySet<string> = new Set([
  COUNT,
  "pods",
  ...COMPUTE,
  ...COMPUTE.map((name) => `requests.${name}`),
  ...COMPUTE.map((name) => `limits.${name}`),
]);
/** Where one of these is limited, every container must say how much it wants. All others count as nothing when unsaid. */
const MUST_BE_SAID: ReadonlySet<string> = new Set([
  ...["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"],
]);
const DEVICE_CLASS_PREFIX = "deviceclass.resource.kubernetes.io/";
const ONE = fromUnits(1n);

export const podEvaluator: QuotaEvaluator<Pod> = {
  concerns({ operation, subresource, object, oldObject }) {
    if (subresource === "resize") return operation === "UPDATE";
    if (subresource !== "") return false;
    return operation === "CREATE" || (oldObject !== undefined && isTerminating(object) !== isTerminating(oldObject));
  },
  counts: (limit) => LIMITS.has(limit) || isHugePages(limit) || isExtendedRequest(limit),
  usageOf(pod, nowMs) {
    // What is stored is counted; the rest only while the pod lives.
    if (!isCharged(pod, nowMs)) return new Map([[COUNT, ONE]]);
    const options = { countsStatus: true, countsOverhead: true };
    const usage = usageOf(podResources(pod, "requests", options), podResources(pod, "limits", options));
    usage.set(COUNT, ONE);
    return usage;
  },
  isInScope: (pod, requirement) => isInScope(pod, requirement),
  faultOf(pod, limits) {
    if (hasPodLevelResources(pod)) return undefined;
    const wanted = limits.filter((limit) => MUST_BE_SAID.has(limit)).sort();
    const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
    const missing = wanted.flatMap((limit) => {
      const names = containers.filter((container) => !saysOf(container).has(limit)).map(({ name }) => name);
      return names.length === 0 ? [] : [`${limit} for: ${[...new Set(names)].sort().join(",")}`];
    });
    return missing.length === 0 ? undefined : `must specify ${missing.join("; ")}`;
  },
};

function isHugePages(limit: string): boolean {
  return limit.startsWith("hugepages-") || limit.startsWith("requests.hugepages-");
}

/** Of what is handed out in pieces only requests are limited: a pod cannot ask for less than it may use. */
function isExtendedRequest(limit: string): boolean {
  if (!limit.startsWith("requests.")) return false;
  return isExtended(limit) || limit.startsWith(`requests.${DEVICE_CLASS_PREFIX}`);
}

function isExtended(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/");
}

function saysOf({ resources }: Container): Amounts {
  return usageOf(readAmounts(resources?.requests), readAmounts(resources?.limits));
}

function usageOf(requests: Amounts, limits: Amounts): Map<string, Quantity> {
  const usage = new Map([["pods", ONE]]);
  for (const [name, amount] of requests) {
    const isCompute = COMPUTE.includes(name);
    if (isCompute || name.startsWith("hugepages-")) usage.set(name, amount);
    const isPiece = isExtended(name) || name.startsWith(DEVICE_CLASS_PREFIX);
    if (isCompute || isPiece || name.startsWith("hugepages-")) usage.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (COMPUTE.includes(name)) usage.set(`limits.${name}`, amount);
  return usage;
}

function isTerminating({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
}

/** Not what has ended, nor what should have been gone by now but waits for a host that does not answer. */
function isCharged({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === "Failed" || status?.phase === "Succeeded") return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function isInScope(pod: Pod, requirement: ScopeRequirement): boolean {
  switch (requirement.scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return qualityOf(pod) === "BestEffort";
    case "NotBestEffort":
      return qualityOf(pod) !== "BestEffort";
    case "PriorityClass":
      return matchesName(requirement, pod.spec.priorityClassName);
    case "CrossNamespacePodAffinity":
      return looksAcrossNamespaces(pod);
    default:
      return false;
  }
}

function qualityOf(pod: Pod): string {
  return pod.status?.qosClass || qosClassOf(pod);
}

function looksAcrossNamespaces({ spec: { affinity } }: Pod): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((each) => {
    const preferred = each?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms: readonly PodAffinityTerm[] = [
      ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    return terms.some(({ namespaces, namespaceSelector }) => (namespaces?.length ?? 0) > 0 || namespaceSelector);
  });
}
