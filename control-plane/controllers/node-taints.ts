// The taints that follow from a Node's state, as a pure function. Taints of others are left alone.

import type { Node, Taint } from "@atoll/api/generated/types";
import { tableOf } from "@atoll/base/table-of";

export const NOT_READY = "node.kubernetes.io/not-ready";
export const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

const CONDITION_TAINTS: Readonly<Record<string, string>> = tableOf({
  MemoryPressure: "node.kubernetes.io/memory-pressure",
  DiskPressure: "node.kubernetes.io/disk-pressure",
  PIDPressure: "node.kubernetes.io/pid-pressure",
  NetworkUnavailable: "node.kubernetes.io/network-unavailable",
});

const OURS = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(CONDITION_TAINTS)]);

/** The whole list as it should be; those that stay keep the time they were added. */
export function wantedTaints(node: Node, now: string): Taint[] {
  const present = node.spec.taints ?? [];
  const wanted: Taint[] = present.filter(({ key }) => !OURS.has(key));
  const add = (key: string, effect: string) => {
    const old = present.find((taint) => taint.key === key && taint.effect === effect);
    wanted.push(old ?? { key, effect, timeAdded: now });
  };
  const conditions = node.status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === "Ready")?.status ?? "False";
  if (ready !== "True") {
    const key = ready === "Unknown" ? UNREACHABLE : NOT_READY;
    add(key, "NoSchedule");
    add(key, "NoExecute");
  }
  if (node.spec.unschedulable) add(UNSCHEDULABLE, "NoSchedule");
  for (const { type, status } of conditions) {
    const key = CONDITION_TAINTS[type];
    if (key !== undefined && status === "True") add(key, "NoSchedule");
  }
  return wanted;
}

export function isSameTaints(left: readonly Taint[], right: readonly Taint[]): boolean {
  const essence = (taints: readonly Taint[]) =>
    taints
      .map(({ key, value = "", effect }) => `${key}=${value}:${effect}`)
      .sort()
      .join();
  return essence(left) === essence(right);
}
