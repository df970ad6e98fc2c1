// How many pods a job runs now, and which: makes those that are missing and takes away those that are too many.

import { Job } from "@atoll/api/batch/job/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Container, PodTemplateSpec } from "@atoll/api/generated/types";
import { nameOf } from "@atoll/machinery/client/client";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import { isPodReady } from "@atoll/machinery/controller/pod-state";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";
import { remainingIndexPauseMs, remainingPauseMs } from "./job-backoff.ts";
import { firstFreeIndexes, indexesOf, mergeIndexes, NO_INDEXES } from "./job-indexes.ts";
import { judgeFailure } from "./job-policies.ts";
import {
  COMPLETION_INDEX,
  completionIndexOf,
  INDEX_FAILURES_ANNOTATION,
  INDEX_IGNORED_FAILURES_ANNOTATION,
  indexFailures,
  isIndexed,
  isTerminatingPod,
  isTracked,
  replacesFailedOnly,
  TRACKING_FINALIZER,
  validIndexOf,
} from "./job-pods.ts";
import type { JobView } from "./job-view.ts";
import { inDeletionOrder } from "./pod-deletion-order.ts";
import { BURST_PODS, createPod, deletePod, podFromTemplate } from "./pod-writes.ts";
import { slowStart } from "./slow-start.ts";

/** What is there after the pass's changes, some of which the cache has not seen. */
export interface PodCounts {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  /** Why not all could be made or deleted. */
  readonly failure?: unknown;
  /** A failed pod is replaced after a pause. */
  readonly retryAfterMs?: number;
}

export function countPods({ pods, active }: JobView): PodCounts {
  return {
    active: active.length,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isTerminatingPod).length,
  };
}

/** Deletes every active pod of a job that has come to its end. Their finalizers stay until they are counted. */
export function stopPods(view: JobView, context: ReconcileContext): Promise<PodCounts> {
  return removePods(view, view.active, (pod) => deletePod(view.job, pod, context));
}

/** One step towards the number of pods that the job should run: either makes some or deletes some. */
export async function scalePods(view: JobView, context: ReconcileContext): Promise<PodCounts> {
  const { job, active } = view;
  const wanted = job.spec.suspend ? 0 : wantedPods(view);
  const surplus = surplusPods(view, Math.max(0, active.length - wanted));
  if (job.spec.suspend || surplus.length > 0) {
    const doomed = job.spec.suspend ? surplus : surplus.slice(0, BURST_PODS);
    return removePods(view, doomed, async (pod) => {
      // Not an end that counts: nobody needs to hear of it.
      await releasePod(pod, context);
      await deletePod(job, pod, context);
    });
  }
  const counts = countPods(view);
  const missing = wanted - active.length - (replacesFailedOnly(job) ? counts.terminating : 0);
  return missing > 0 ? addPods(view, Math.min(missing, BURST_PODS), context) : counts;
}

function wantedPods({ job, active, succeeded }: JobView): number {
  const { completions, parallelism = 1 } = job.spec;
  // Without a number of completions the first success is the signal to make no more.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** At least so many; and of an indexed job those whose index is no use, or somebody else's too. */
function surplusPods({ job, active }: JobView, count: number): Pod[] {
  const ordered = inDeletionOrder(active, () => 0);
  if (!isIndexed(job)) return ordered.slice(0, count);
  const kept = new Map<number, Pod>();
  // The last one in the order is the one worth keeping.
  for (const pod of ordered) {
    const index = validIndexOf(pod, job);
    if (index !== undefined) kept.set(index, pod);
  }
  const useful = new Set(kept.values());
  const useless = ordered.filter((pod) => !useful.has(pod));
  const rest = ordered.filter((pod) => useful.has(pod));
  return [...useless, ...rest.slice(0, Math.max(0, count - useless.length))];
}

async function removePods(
  view: JobView,
  doomed: readonly Pod[],
  remove: (pod: Pod) => Promise<void>,
): Promise<PodCounts> {
  const { active, ready, terminating } = countPods(view);
  const results = await Promise.allSettled(doomed.map(remove));
  const gone = doomed.filter((_, index) => results[index]?.status === "fulfilled");
  const failed = results.find(({ status }) => status === "rejected");
  return {
    active: active - gone.length,
    ready: ready - gone.filter(isPodReady).length,
    terminating: terminating + gone.length,
    ...(failed?.status === "rejected" ? { failure: failed.reason } : {}),
  };
}

/**
 * Takes the job's finalizer off a pod; one that is gone already has none. Names the place in the list, and tests it, rather
 * than the pod's version: the same pass may have deleted the pod before, and its host writes its status all the time.
 */
export async function releasePod(pod: Pod, { client, signal }: ReconcileContext): Promise<void> {
  if (!isTracked(pod)) return;
  const { uid, finalizers = [] } = pod.metadata;
  const list = "/metadata/finalizers";
  const taken =
    finalizers.length === 1
      ? { path: list, value: finalizers }
      : { path: `${list}/${finalizers.indexOf(TRACKING_FINALIZER)}`, value: TRACKING_FINALIZER };
  const body = [
    { op: "test", path: "/metadata/uid", value: uid },
    { op: "test", ...taken },
    { op: "remove", path: taken.path },
  ];
  try {
    await client.patch(Pod, nameOf(pod), { type: "json", body }, { signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
}

async function addPods(view: JobView, count: number, context: ReconcileContext): Promise<PodCounts> {
  const { job, indexes } = view;
  const counts = countPods(view);
  const nowMs = context.clock.now();
  if (indexes?.failed === undefined) {
    const retryAfterMs = remainingPauseMs(view.streak, nowMs);
    if (retryAfterMs > 0) return { ...counts, retryAfterMs };
  }
  const free = indexes ? freeIndexes(view, count) : undefined;
  const pauses = free?.map((index) => remainingIndexPauseMs(indexes?.waitingForSuccessor.get(index), nowMs)) ?? [];
  const due = free?.filter((_, i) => pauses[i] === 0);
  if (free && due?.length === 0) return free.length === 0 ? counts : { ...counts, retryAfterMs: Math.min(...pauses) };
  const template = jobTemplate(job);
  const { succeeded, failure } = await slowStart(due?.length ?? count, async (i) => {
    const index = due?.[i];
    const pod = podFromTemplate(Job, job, template);
    await createPod(job, index === undefined ? pod : withIndex(view, pod, index), context);
  });
  const active = counts.active + succeeded;
  return failure === undefined || isNamespaceTerminating(failure)
    ? { ...counts, active }
    : { ...counts, active, failure };
}

function freeIndexes({ job, pods, active, indexes }: JobView, count: number): number[] {
  const ofPods = (some: readonly Pod[]) =>
    indexesOf(some.map(completionIndexOf).filter((index) => index !== undefined));
  const taken = [
    indexes?.succeeded ?? NO_INDEXES,
    indexes?.failed ?? NO_INDEXES,
    ofPods(active),
    replacesFailedOnly(job) ? ofPods(pods.filter(isTerminatingPod)) : NO_INDEXES,
  ];
  return firstFreeIndexes(taken.reduce(mergeIndexes), count, job.spec.completions ?? 0);
}

function jobTemplate(job: Job): PodTemplateSpec {
  const { metadata, spec } = job.spec.template;
  const finalizers = [
    ...(metadata?.finalizers ?? []).filter((name) => name !== TRACKING_FINALIZER),
    TRACKING_FINALIZER,
  ];
  if (!spec || !isIndexed(job)) return { ...job.spec.template, metadata: { ...metadata, finalizers } };
  const { containers, initContainers } = spec;
  return {
    metadata: { ...metadata, finalizers },
    spec: {
      ...spec,
      containers: containers.map(withIndexVariable),
      ...(initContainers ? { initContainers: initContainers.map(withIndexVariable) } : {}),
    },
  };
}

const INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

function withIndexVariable(container: Container): Container {
  if (container.env?.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` };
  return { ...container, env: [...(container.env ?? []), { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] };
}

/** The server adds five characters, and 63 is what a host name may have. */
const NAME_PREFIX_CHARACTERS_MAX = 58;

function withIndex(view: JobView, pod: Pod, index: number): Pod {
  const { name = "" } = view.job.metadata;
  const suffix = `-${index}-`;
  const marks = { [COMPLETION_INDEX]: String(index) };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: name.slice(0, NAME_PREFIX_CHARACTERS_MAX - suffix.length) + suffix,
      labels: { ...pod.metadata.labels, ...marks },
      annotations: { ...pod.metadata.annotations, ...marks, ...failuresBefore(view, index) },
    },
    spec: { ...pod.spec, hostname: `${name}-${index}` },
  };
}

/** Failures at the index until now, with that of the pod being replaced. */
function failuresBefore({ job, indexes }: JobView, index: number): Record<string, string> {
  if (!indexes?.failed) return {};
  const failed = indexes.waitingForSuccessor.get(index);
  const before = failed ? indexFailures(failed) : { counted: 0, ignored: 0 };
  const isCounted = failed !== undefined && judgeFailure(job.spec.podFailurePolicy, failed).isCounted;
  const ignored = before.ignored + (failed && !isCounted ? 1 : 0);
  return {
    [INDEX_FAILURES_ANNOTATION]: String(before.counted + (isCounted ? 1 : 0)),
    ...(ignored > 0 ? { [INDEX_IGNORED_FAILURES_ANNOTATION]: String(ignored) } : {}),
  };
}
