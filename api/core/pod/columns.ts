// What `kubectl get pods` prints. STATUS is a story in one word: the phase, or the first thing that stands in the way of it,
// found in upstream's order of looking.

import type { ContainerStatus, Pod } from "../../generated/types.ts";
import type { Cell, PrinterColumn } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";

export const podColumns: readonly PrinterColumn[] = [
  NAME_COLUMN,
  textColumn("Ready", "Containers that are ready, of all."),
  textColumn("Status", "Where the pod is in its life, or what stands in its way."),
  textColumn("Restarts", "How often containers were started again, and when last."),
  AGE_COLUMN,
  textColumn("IP", "The pod's address.", 1),
  textColumn("Node", "The host the pod runs on.", 1),
  textColumn("Nominated Node", "The host that makes room for the pod.", 1),
  textColumn("Readiness Gates", "Further conditions that must be true, and how many are.", 1),
];

export function printPod(pod: Pod, nowMs: number): readonly Cell[] {
  const summary = summarize(pod);
  const restarts =
    summary.restarts !== 0 && summary.lastRestart !== undefined
      ? `${summary.restarts} (${formatAge(summary.lastRestart, nowMs)} ago)`
      : String(summary.restarts);
  return [
    pod.metadata.name ?? "",
    `${summary.ready}/${summary.total}`,
    summary.reason,
    restarts,
    formatAge(pod.metadata.creationTimestamp, nowMs),
    pod.status?.podIPs?.[0]?.ip || NONE,
    pod.spec?.nodeName || NONE,
    pod.status?.nominatedNodeName || NONE,
    readinessGatesOf(pod),
  ];
}

interface Summary {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  lastRestart: string | undefined;
}

function summarize(pod: Pod): Summary {
  const status = pod.status ?? {};
  const sidecars = new Set(
    (pod.spec?.initContainers ?? [])
      .filter((container) => container.restartPolicy === "Always")
      .map(({ name }) => name),
  );
  const summary: Summary = {
    reason: status.reason || status.phase || "",
    ready: 0,
    total: (pod.spec?.containers ?? []).length + sidecars.size,
    restarts: 0,
    lastRestart: undefined,
  };
  if (conditionOf(pod, "PodScheduled")?.reason === "SchedulingGated") summary.reason = "SchedulingGated";
  const isInitializing = summarizeInitContainers(pod, sidecars, summary);
  if (!isInitializing || conditionOf(pod, "Initialized")?.status === "True") {
    summarizeContainers(pod, sidecars, summary);
  }
  const isDeleting = pod.metadata.deletionTimestamp !== undefined;
  if (isDeleting && status.reason === "NodeLost") summary.reason = "Unknown";
  else if (isDeleting && status.phase !== "Failed" && status.phase !== "Succeeded") summary.reason = "Terminating";
  return summary;
}

/** True while one of them has still to come to its end (or, for a sidecar, to its start). */
function summarizeInitContainers(pod: Pod, sidecars: ReadonlySet<string>, summary: Summary): boolean {
  for (const [i, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    countRestarts(container, summary);
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started === true) {
      if (container.ready) summary.ready += 1;
      continue;
    }
    if (terminated) summary.reason = `Init:${endOf(terminated)}`;
    else if (waiting?.reason && waiting.reason !== "PodInitializing") summary.reason = `Init:${waiting.reason}`;
    else summary.reason = `Init:${i}/${(pod.spec?.initContainers ?? []).length}`;
    return true;
  }
  return false;
}

function summarizeContainers(pod: Pod, sidecars: ReadonlySet<string>, summary: Summary): void {
  // From here on the restarts of init containers that have ended are history; those of sidecars still count.
  summary.restarts = 0;
  summary.lastRestart = undefined;
  for (const container of pod.status?.initContainerStatuses ?? []) {
    if (sidecars.has(container.name)) countRestarts(container, summary);
  }
  let isSomeRunning = false;
  let errorReason = "";
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    countRestarts(container, summary);
    const { terminated, waiting, running } = container.state ?? {};
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated) {
      summary.reason = endOf(terminated);
      if (terminated.exitCode !== 0) errorReason = summary.reason;
    } else if (container.ready && running) {
      isSomeRunning = true;
      summary.ready += 1;
    }
  }
  if (summary.reason !== "Completed") return;
  if (isSomeRunning && conditionOf(pod, "Ready")?.status === "True") summary.reason = "Running";
  else if (errorReason !== "") summary.reason = errorReason;
  else if (isSomeRunning) summary.reason = "NotReady";
}

function countRestarts(container: ContainerStatus, summary: Summary): void {
  summary.restarts += container.restartCount ?? 0;
  const finishedAt = container.lastState?.terminated?.finishedAt;
  if (finishedAt && (summary.lastRestart === undefined || Date.parse(summary.lastRestart) < Date.parse(finishedAt))) {
    summary.lastRestart = finishedAt;
  }
}

function endOf(terminated: { readonly reason?: string; readonly signal?: number; readonly exitCode: number }): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function conditionOf(pod: Pod, type: string): { readonly status: string; readonly reason?: string } | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

function readinessGatesOf(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter((gate) => conditionOf(pod, gate.conditionType)?.status === "True");
  return `${open.length}/${gates.length}`;
}
