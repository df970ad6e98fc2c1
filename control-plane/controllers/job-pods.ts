// What a job reads from its pods: their index, whether they count as failed, when they ended.

import type { ContainerStatus, Job, Pod } from "@atoll/api/generated/types";
import { podCondition } from "@atoll/machinery/controller/pod-state";

/** Holds a pod until its end is counted in the job's status: no end is missed and none is counted twice. */
export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
/** As annotation and as label. */
export const COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
/** Failures of the pods before this one at its index; those that the failure policy ignores are counted apart. */
export const INDEX_FAILURES_ANNOTATION = "batch.kubernetes.io/job-index-failure-count";
export const INDEX_IGNORED_FAILURES_ANNOTATION = "batch.kubernetes.io/job-index-ignored-failure-count";

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) === true;
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === "Indexed";
}

/** Undefined for a pod without a usable index. */
export function completionIndexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX] ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The index, where the job has it. */
export function validIndexOf(pod: Pod, { spec }: Job): number | undefined {
  const index = completionIndexOf(pod);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

/** True when a pod on its way out is replaced only once it has ended. */
export function replacesFailedOnly({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;
}

/** A deleted pod counts as failed at once where it is replaced at once: it may never come to say that it failed. */
export function isFailedPod(pod: Pod, job: Job): boolean {
  const phase = pod.status?.phase;
  if (phase === "Failed") return true;
  return !replacesFailedOnly(job) && pod.metadata.deletionTimestamp !== undefined && phase !== "Succeeded";
}

export function isSucceededPod(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded";
}

/** On its way out, and not ended yet. */
export function isTerminatingPod(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return pod.metadata.deletionTimestamp !== undefined && phase !== "Failed" && phase !== "Succeeded";
}

export function indexFailures(pod: Pod): { readonly counted: number; readonly ignored: number } {
  const read = (name: string) => {
    const text = pod.metadata.annotations?.[name] ?? "0";
    return /^\d{1,10}$/.test(text) && Number(text) <= INT32_MAX ? Number(text) : 0;
  };
  return { counted: read(INDEX_FAILURES_ANNOTATION), ignored: read(INDEX_IGNORED_FAILURES_ANNOTATION) };
}

const INT32_MAX = 2_147_483_647;

/** When a pod ended, as well as can be told: by its containers, its conditions, its deletion, else by its beginning. */
export function finishedAtMs(pod: Pod): number {
  const ready = podCondition(pod, "Ready");
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  const lastExit = lastExitMs(pod);
  if (lastExit !== undefined) return lastExit;
  if (ready?.status === "False" && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime);
  if (deletionTimestamp !== undefined) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return creationTimestamp === undefined ? 0 : Date.parse(creationTimestamp);
}

/** Undefined as long as one container runs; sidecars, which end last, count too. */
function lastExitMs({ spec, status }: Pod): number | undefined {
  const sidecars = new Set(
    spec.initContainers?.filter((container) => container.restartPolicy === "Always").map(nameOf),
  );
  const statuses = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  const times = statuses.map(exitTime);
  if (times.length === 0 || times.includes(undefined)) return undefined;
  return Math.max(...times.filter((time) => time !== undefined));
}

function exitTime({ state }: ContainerStatus): number | undefined {
  const finishedAt = state?.terminated?.finishedAt;
  return finishedAt === undefined ? undefined : Date.parse(finishedAt);
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
