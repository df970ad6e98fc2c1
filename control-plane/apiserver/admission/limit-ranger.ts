// Keeps pods and claims within the LimitRanges of their namespace: fills in what containers leave open, and refuses what
// asks for too little or too much.

import { LimitRange } from "@atoll/api/core/limit-range/kind";
import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Container, LimitRangeItem } from "@atoll/api/generated/types";
import { formatQuantity, type Quantity, toMillis } from "@atoll/api/meta/quantity";
import { ownValue } from "@atoll/base/own-value";
import { type Amounts, readAmounts } from "@atoll/machinery/quota/amounts";
import { podResources } from "@atoll/machinery/quota/pod-resources";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

const ANNOTATION = "kubernetes.io/limit-ranger";

export function limitRanger(resources: ResourceTable): AdmissionStep {
  const pods = resources.of(Pod);
  const claims = resources.of(PersistentVolumeClaim);
  const ranges = resources.of(LimitRange);
  const isLimited = ({ kind, operation, subresource, oldObject }: AdmissionRequest) => {
    if (oldObject?.metadata.deletionTimestamp) return false;
    // Containers of a pod that is there only change with its resize.
    if (kind === pods.kind)
      return operation === (subresource === "resize" ? "UPDATE" : "CREATE") && isPodBody(subresource);
    return kind === claims.kind && subresource === "" && (operation === "CREATE" || operation === "UPDATE");
  };
  const itemsOf = (namespace: string): LimitRangeItem[] =>
    ranges
      .rangeCached(ranges.rangeOf(namespace), 0)
      .items.flatMap(({ object }) => (object as LimitRange).spec?.limits ?? []); // the store holds LimitRanges only
  return {
    name: "LimitRanger",
    mutate(request) {
      if (request.kind !== pods.kind || !isLimited(request) || !request.object) return;
      for (const item of itemsOf(request.namespace)) {
        if (item.type === "Container") fillIn(request.object as Pod, item); // the kind is Pod
      }
    },
    validate(request) {
      if (!isLimited(request) || !request.object) return;
      const items = itemsOf(request.namespace);
      if (items.length === 0) return;
      const faults =
        request.kind === pods.kind
          ? podFaults(request.object as Pod, items) // the kind is Pod
          : claimFaults(request.object as PersistentVolumeClaim, items); // the kind is PersistentVolumeClaim
      if (faults.length > 0) throw forbid(request, aggregate(faults));
    },
  };
}

function isPodBody(subresource: string): boolean {
  return subresource === "" || subresource === "resize";
}

/** Several faults stand in brackets, each of them once. */
function aggregate(faults: readonly string[]): string {
  const distinct = [...new Set(faults)];
  return distinct.length === 1 ? (distinct[0] ?? "") : `[${distinct.join(", ")}]`;
}

function fillIn({ metadata, spec }: Pod, item: LimitRangeItem): void {
  const changes = [
    ...(spec.containers ?? []).flatMap((container) => fillInContainer(container, item, "container")),
    ...(spec.initContainers ?? []).flatMap((container) => fillInContainer(container, item, "init container")),
  ];
  if (changes.length === 0) return;
  metadata.annotations = { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${changes.join("; ")}` };
}

function fillInContainer(container: Container, item: LimitRangeItem, what: string): string[] {
  const missing = (defaults: LimitRangeItem["default"], present: LimitRangeItem["default"]) =>
    Object.fromEntries(Object.entries(defaults ?? {}).filter(([name]) => ownValue(present, name) === undefined));
  const { requests, limits } = container.resources ?? {};
  const newRequests = missing(item.defaultRequest, requests);
  const newLimits = missing(item.default, limits);
  const added: Record<string, LimitRangeItem["default"]> = {};
  const changes: string[] = [];
  for (const [list, present, more] of [
    ["requests", requests, newRequests],
    ["limits", limits, newLimits],
  ] as const) {
    const names = Object.keys(more).sort();
    if (names.length === 0) continue;
    added[list] = { ...present, ...more };
    changes.push(`${names.join(", ")} ${list.slice(0, -1)} for ${what} ${container.name}`);
  }
  if (changes.length > 0) container.resources = { ...container.resources, ...added };
  return changes;
}

interface Use {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

function podFaults(pod: Pod, items: readonly LimitRangeItem[]): string[] {
  const options = { countsStatus: false, countsOverhead: false };
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
  return items.flatMap((item) => {
    if (item.type === "Container") {
      return containers.flatMap(({ resources }) =>
        rangeFaults(item, { requests: readAmounts(resources?.requests), limits: readAmounts(resources?.limits) }),
      );
    }
    if (item.type !== "Pod") return [];
    return rangeFaults(item, {
      requests: podResources(pod, "requests", options),
      limits: podResources(pod, "limits", options),
    });
  });
}

function rangeFaults(item: LimitRangeItem, use: Use): string[] {
  const faults = (texts: LimitRangeItem["max"], check: (name: string, bound: Quantity) => string | undefined) =>
    [...readAmounts(texts)].map(([name, bound]) => check(name, bound)).filter((fault) => fault !== undefined);
  return [
    ...faults(item.min, (name, bound) => belowMinimum(item.type, name, bound, use)),
    ...faults(item.max, (name, bound) => aboveMaximum(item.type, name, bound, use)),
    ...faults(item.maxLimitRequestRatio, (name, bound) => aboveRatio(item.type, name, bound, use)),
  ];
}

/** Only what a claim requests is limited; it has no limits of its own. */
function claimFaults({ spec }: PersistentVolumeClaim, items: readonly LimitRangeItem[]): string[] {
  const use = { requests: readAmounts(spec.resources?.requests), limits: new Map<string, Quantity>() };
  return items
    .filter(({ type }) => type === "PersistentVolumeClaim")
    .flatMap((item) => {
      const below = [...readAmounts(item.min)].map(([name, bound]) => belowMinimum(item.type, name, bound, use));
      const above = [...readAmounts(item.max)].map(([name, bound]) => {
        const start = `maximum ${name} usage per ${item.type} is ${formatQuantity(bound)}`;
        const request = use.requests.get(name);
        if (!request) return `${start}.  No request is specified`;
        return isMore(request, bound) ? `${start}, but request is ${formatQuantity(request)}` : undefined;
      });
      return [...below, ...above].filter((fault) => fault !== undefined);
    });
}

/** As exactly as upstream looks: in thousandths. */
function isMore(a: Quantity, b: Quantity): boolean {
  return toMillis(a) > toMillis(b);
}

function belowMinimum(type: string, name: string, bound: Quantity, { requests, limits }: Use): string | undefined {
  const start = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const request = requests.get(name);
  const limit = limits.get(name);
  if (!request) return `${start}.  No request is specified`;
  if (isMore(bound, request)) return `${start}, but request is ${formatQuantity(request)}`;
  if (limit && isMore(bound, limit)) return `${start}, but limit is ${formatQuantity(limit)}`;
  return undefined;
}

function aboveMaximum(type: string, name: string, bound: Quantity, { requests, limits }: Use): string | undefined {
  const start = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const request = requests.get(name);
  const limit = limits.get(name);
  if (!limit) return `${start}.  No limit is specified`;
  if (isMore(limit, bound)) return `${start}, but limit is ${formatQuantity(limit)}`;
  if (request && isMore(request, bound)) return `${start}, but request is ${formatQuantity(request)}`;
  return undefined;
}

function aboveRatio(type: string, name: string, bound: Quantity, { requests, limits }: Use): string | undefined {
  const start = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  const request = requests.get(name);
  const limit = limits.get(name);
  if (!request || request.nanos === 0n) return `${start}, but no request is specified or request is 0`;
  if (!limit || limit.nanos === 0n) return `${start}, but no limit is specified or limit is 0`;
  const ratio = Number(limit.nanos) / Number(request.nanos);
  return ratio * 1000 > Number(toMillis(bound)) ? `${start}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
