// Gives each pod a host. One pod is decided at a time, on a picture of the cluster kept up to date by changes; bindings are
// written in parallel, each counted in the picture before it is. It writes a pod's host and its PodScheduled condition and
// nothing else, and never moves a pod that has a host.

import type { Binding } from "@atoll/api/core/binding/kind";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Resource } from "@atoll/api/resource";
import { type Clock, formatTime } from "@atoll/base/clock";
import { describeError, toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import { type Client, nameOf } from "@atoll/machinery/client/client";
import type { Owner } from "@atoll/machinery/controller/controller-ownership";
import type { EventRecorder } from "@atoll/machinery/controller/event-recorder";
import type { InformerSet } from "@atoll/machinery/controller/informer-set";
import { cacheKey, parseCacheKey } from "@atoll/machinery/controller/object-cache";
import { isPodFinished, podCondition } from "@atoll/machinery/controller/pod-state";
import type { CacheChange } from "@atoll/machinery/controller/shared-informer";
import { hasReason } from "@atoll/machinery/object/api-error";
import { ClusterState } from "./cluster-state.ts";
import { placePod } from "./placement.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

export const SCHEDULER_NAME = "default-scheduler";

/** The one datastore of a host's own disks, until storage policies choose among several. */
const EPHEMERAL_DATASTORE = "local";
/** Bindings under way at a time; enough to keep the API busy, few enough not to drown it. */
const BINDINGS_MAX = 64;

/** For the check that no controller writes what the scheduler writes. */
export const schedulerOwnership: Owner = {
  name: "scheduler",
  owns: ["Pod.spec.nodeName", "Pod.status.conditions[PodScheduled]"],
};

const podBinding: Resource<Binding> = {
  group: Pod.group,
  version: Pod.version,
  kind: Pod.kind,
  plural: Pod.plural,
  scope: Pod.scope,
};

export interface SchedulerOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: EventRecorder;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #log: Logger;
  readonly #cluster = new ClusterState();
  readonly #queue: SchedulingQueue;
  readonly #writes = new Set<Promise<void>>();

  /** Registers with the informers; call before they run. */
  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#log = options.log.with({ component: "scheduler" });
    this.#queue = new SchedulingQueue(options.clock);
    options.informers.of(Node).subscribe((change) => this.#onNode(change));
    options.informers.of(Pod).subscribe((change) => this.#onPod(change));
  }

  /** Waits for the caches, then works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#queue[Symbol.dispose]();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#options.informers.whenSynced(signal);
      for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
        this.#schedule(key, signal);
        if (this.#writes.size >= BINDINGS_MAX) await Promise.race(this.#writes);
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#queue[Symbol.dispose]();
      await Promise.all(this.#writes);
    }
  }

  #onNode(change: CacheChange<Node>): void {
    if (change.type === "deleted") {
      this.#cluster.removeNode(change.object.metadata.name ?? "");
      return;
    }
    this.#cluster.putNode(change.object);
    if (!change.old || essenceOf(change.old) !== essenceOf(change.object)) this.#queue.wakeAll();
  }

  #onPod(change: CacheChange<Pod>): void {
    const { object: pod } = change;
    const key = cacheKey(pod.metadata);
    const { uid = "" } = pod.metadata;
    if (change.type === "deleted") {
      this.#cluster.removePod(uid);
      this.#queue.remove(key);
      this.#queue.wakeAll();
      return;
    }
    if (pod.spec.nodeName) {
      this.#queue.remove(key);
      this.#cluster.putPod(pod, pod.spec.nodeName);
      const hasEnded = isPodFinished(pod) && change.old !== undefined && !isPodFinished(change.old);
      // A newcomer may be whom another pod wants to be near to.
      const isNew = !change.old?.spec.nodeName;
      if (hasEnded || (isNew && this.#queue.stuck > 0)) this.#queue.wakeAll();
      return;
    }
    if (!isOurs(pod)) {
      this.#queue.remove(key);
      return;
    }
    // Our own condition comes back as a change, too: it must not count as news.
    if (!change.old || hasNews(change.old, pod)) this.#queue.add(key, pod.spec.priority ?? 0);
  }

  #schedule(key: string, signal: AbortSignal): void {
    const pod = this.#options.informers.of(Pod).lister.get(parseCacheKey(key));
    if (!pod || !isOurs(pod)) {
      this.#queue.remove(key);
      return;
    }
    const placement = placePod(pod, this.#cluster, this.#options.random);
    const write =
      placement.type === "placed"
        ? this.#bind(pod, placement.hostName, placement.score, signal)
        : this.#refuse(pod, placement.message, signal);
    const tracked = write.finally(() => this.#writes.delete(tracked));
    this.#writes.add(tracked);
  }

  /** Never rejects. */
  async #bind(pod: Pod, hostName: string, score: number, signal: AbortSignal): Promise<void> {
    const { client, events } = this.#options;
    const { name = "", namespace = "", uid = "" } = pod.metadata;
    this.#cluster.putPod(pod, hostName);
    try {
      const binding: Binding = {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name, namespace, uid },
        target: { apiVersion: "v1", kind: "Node", name: hostName },
      };
      await client.create(podBinding, binding, { subresource: "binding", name, namespace, signal });
    } catch (thrown) {
      this.#cluster.removePod(uid);
      if (signal.aborted) return;
      this.#giveBack(pod, thrown);
      if (hasReason(thrown, "NotFound")) return;
      const message = `binding rejected: ${describeError(thrown)}`;
      events.record(pod, { type: "Warning", reason: "FailedScheduling", message });
      return;
    }
    const message = `Successfully assigned ${namespace}/${name} to ${hostName} (score ${score}) with its ephemeral disk on datastore ${EPHEMERAL_DATASTORE}`;
    events.record(pod, { type: "Normal", reason: "Scheduled", message });
  }

  /** Puts a pod back whose binding failed, unless the API meanwhile told that it is bound or gone. */
  #giveBack(pod: Pod, thrown: unknown): void {
    const current = this.#options.informers.of(Pod).lister.get(nameOf(pod));
    const key = cacheKey(pod.metadata);
    if (!current || current.metadata.uid !== pod.metadata.uid || !isOurs(current)) {
      if (current?.spec.nodeName) this.#cluster.putPod(current, current.spec.nodeName);
      this.#queue.remove(key);
      return;
    }
    this.#log.info("Binding failed, trying again", { key, error: toError(thrown) });
    this.#queue.fail(key, { isTransient: true });
  }

  /** Tells the user why there is no host. Never rejects. */
  async #refuse(pod: Pod, message: string, signal: AbortSignal): Promise<void> {
    const { client, clock, events } = this.#options;
    const key = cacheKey(pod.metadata);
    this.#queue.fail(key, { isTransient: false });
    events.record(pod, { type: "Warning", reason: "FailedScheduling", message });
    const old = podCondition(pod, "PodScheduled");
    if (old?.status === "False" && old.reason === "Unschedulable" && old.message === message) return;
    const others = pod.status?.conditions?.filter(({ type }) => type !== "PodScheduled") ?? [];
    const lastTransitionTime = old?.status === "False" ? old.lastTransitionTime : formatTime(clock.now());
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
    };
    // The whole list is written, so the version must be the one it was read at.
    const { uid, resourceVersion } = pod.metadata;
    const body = { metadata: { uid, resourceVersion }, status: { conditions: [...others, condition] } };
    try {
      await client.patch(Pod, nameOf(pod), { type: "merge", body }, { subresource: "status", signal });
    } catch (thrown) {
      if (signal.aborted || hasReason(thrown, "NotFound")) return;
      this.#log.info("Condition could not be written, trying again", { key, error: toError(thrown) });
      this.#queue.fail(key, { isTransient: true });
    }
  }
}

function isOurs(pod: Pod): boolean {
  return (
    !pod.spec.nodeName &&
    (pod.spec.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME &&
    pod.metadata.deletionTimestamp === undefined &&
    !isPodFinished(pod) &&
    (pod.spec.schedulingGates ?? []).length === 0
  );
}

function hasNews(old: Pod, pod: Pod): boolean {
  return (
    old.metadata.uid !== pod.metadata.uid ||
    old.metadata.generation !== pod.metadata.generation ||
    JSON.stringify(old.metadata.labels) !== JSON.stringify(pod.metadata.labels)
  );
}

/** What of a Node decides whether a pod fits; heartbeats and images do not. */
function essenceOf({ metadata, spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status;
  return JSON.stringify([metadata.labels, spec.taints, spec.unschedulable, status?.allocatable, ready]);
}
