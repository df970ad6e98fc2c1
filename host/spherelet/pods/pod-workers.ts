// All pods of this host: one worker each, woken by the pod's object, its images, the objects it refers to and its agent.

import type { Pod } from "@atoll/api/generated/types";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { SharedInformer } from "@atoll/machinery/controller/shared-informer";
import { WorkQueue } from "@atoll/machinery/controller/work-queue";
import type { Hostd } from "../hostd/hostd-client.ts";
import type { PodContext } from "./pod-context.ts";
import { PodWorker } from "./pod-worker.ts";

/** Steps under way at a time; most of them wait for a microVM to boot. */
const STEPS_AT_ONCE = 32;
/** A failing step comes back after this at the latest. */
const RETRY_MS_MAX = 20_000;
/** How often hostd's list is compared with the pods. */
const ORPHANS_INTERVAL_MS = 300_000;
/** Pods' microVMs carry the pod's UID; those of the image service do not. */
const POD_UID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface PodWorkersOptions {
  readonly pods: SharedInformer<Pod>;
  readonly hostd: Hostd;
  readonly clock: Clock;
  readonly log: Logger;
  /** Everything but `wake`, which is ours. */
  readonly makeContext: (wake: (podUid: string) => void) => PodContext;
}

export class PodWorkers {
  readonly #options: PodWorkersOptions;
  readonly #queue: WorkQueue;
  readonly #workers = new Map<string, PodWorker>();
  readonly #context: PodContext;

  constructor(options: PodWorkersOptions) {
    this.#options = options;
    this.#queue = new WorkQueue(options.clock);
    this.#context = options.makeContext((podUid) => this.#queue.add(podUid));
  }

  get context(): PodContext {
    return this.#context;
  }

  /** A ConfigMap, Secret or token of the pod changed. */
  sourceChanged(podUid: string): void {
    this.#workers.get(podUid)?.sourceChanged();
    this.#queue.add(podUid);
  }

  /** Something that waiting pods may wait for changed: images, disks. */
  wakeWaiting(): void {
    for (const [uid, worker] of this.#workers) if (worker.stateName === "preparing") this.#queue.add(uid);
  }

  /** Works until the signal aborts; never throws. Pods go on without it. */
  async run(signal: AbortSignal): Promise<void> {
    using _ = this.#options.pods.subscribe(({ object }) => this.#observe(object));
    signal.addEventListener("abort", () => this.#queue[Symbol.dispose](), { once: true });
    const steps = Array.from({ length: STEPS_AT_ONCE }, () => this.#work(signal));
    await Promise.all([...steps, this.#collectOrphans(signal)]);
    for (const worker of this.#workers.values()) worker[Symbol.dispose]();
  }

  #observe(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    if (!this.#workers.has(uid)) this.#workers.set(uid, new PodWorker(this.#context, pod));
    this.#queue.add(uid);
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let uid = await this.#queue.take(); uid !== undefined; uid = await this.#queue.take()) {
      const worker = this.#workers.get(uid);
      try {
        const result = worker ? await worker.step(signal) : {};
        this.#queue.forget(uid);
        if (result.isDone) this.#workers.delete(uid);
        else if (result.againMs !== undefined) this.#queue.addAfter(uid, result.againMs);
      } catch (thrown) {
        if (signal.aborted) return;
        this.#options.log.error("A pod's step failed, trying again", { podUid: uid, error: toError(thrown) });
        worker?.failed(thrown);
        if (this.#queue.addFailed(uid) > RETRY_MS_MAX) this.#queue.addAfter(uid, RETRY_MS_MAX);
      } finally {
        this.#queue.done(uid);
      }
    }
  }

  /** MicroVMs of pods that the API does not know any more: their pod was removed while nobody here watched. */
  async #collectOrphans(signal: AbortSignal): Promise<void> {
    const { pods, hostd, clock, log } = this.#options;
    await pods.whenSynced();
    while (!signal.aborted) {
      try {
        for (const { id } of await hostd.listCrx(signal)) {
          const isKnown = this.#workers.has(id) || pods.lister.list().some(({ metadata }) => metadata.uid === id);
          if (isKnown || !POD_UID.test(id)) continue;
          log.info("Removing the microVM of a pod that is gone", { podUid: id });
          await hostd.deleteCrx(id, signal);
        }
      } catch (thrown) {
        if (!signal.aborted) log.error("MicroVMs could not be compared with pods", { error: toError(thrown) });
      }
      await clock.sleep(ORPHANS_INTERVAL_MS, signal).catch(() => {});
    }
  }
}
