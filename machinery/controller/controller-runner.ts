// Runs controllers: turns changes into keys, keys into calls of `reconcile`, and failures into pauses. It knows nothing of
// what a controller does.

import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { assert, toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client } from "../client/client.ts";
import { hasReason } from "../object/api-error.ts";
import { refuseSharedOwnership } from "./controller-ownership.ts";
import {
  type CacheReader,
  type ControllerDefinition,
  type ServedSource,
  TerminalError,
  type WatchSource,
} from "./controller.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { Lister } from "./informer.ts";
import type { InformerHold, InformerSet } from "./informer-set.ts";
import { cacheKey, parseCacheKey } from "./object-cache.ts";
import type { QueueMetrics } from "./queue-metrics.ts";
import { ServedKinds } from "./served-kinds.ts";
import type { SharedInformer } from "./shared-informer.ts";
import { WorkQueue } from "./work-queue.ts";
import { WriteGuard, resourceKey } from "./write-guard.ts";

/** Reconciles mostly wait for the API; more at a time would only queue there. */
const CONCURRENCY_DEFAULT = 8;
/** When the cache has not yet seen our own writes; the change itself usually wakes the key long before. */
const STALE_CACHE_RETRY_MS = 1000;

/** A lost race shorter than this many milliseconds of back-off is not worth a line. */
const RACE_QUIET_MS = 1000;

export interface ControllerRunnerOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  /** Undefined: no kind comes or goes (tests of controllers that ask for none). */
  readonly served?: ServedKinds;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Undefined: nobody counts. */
  readonly queueMetrics?: QueueMetrics | undefined;
  /** The recorder for one controller's name, "deployment-controller". */
  readonly eventsFor: (component: string) => EventRecorder;
}

export class ControllerRunner {
  readonly #options: ControllerRunnerOptions;
  readonly #controllers: RunningController[];

  /** Throws when two definitions own the same field. Registers every watched kind with the informers. */
  constructor(options: ControllerRunnerOptions, definitions: readonly ControllerDefinition[]) {
    refuseSharedOwnership(definitions);
    this.#options = options;
    this.#controllers = definitions.map((definition) => new RunningController(options, definition));
  }

  /** True when no controller has a key in its queue or in work; delayed retries do not count. */
  get isIdle(): boolean {
    return this.#controllers.every((controller) => controller.isIdle);
  }

  /** Waits for the caches (whoever runs the informers), then works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.informers.whenSynced(signal);
    } catch (thrown) {
      if (signal.aborted) return;
      throw thrown;
    }
    await Promise.all(this.#controllers.map((controller) => controller.run(signal)));
  }
}

class RunningController {
  readonly #options: ControllerRunnerOptions;
  readonly #definition: ControllerDefinition;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #cache: CacheReader;
  readonly #guard: WriteGuard;
  readonly #events: EventRecorder;
  readonly #served: ServedKinds;
  readonly #informers = new Map<string, SharedInformer<KubeObject>>();

  constructor(options: ControllerRunnerOptions, definition: ControllerDefinition) {
    this.#options = options;
    this.#definition = definition;
    this.#served = options.served ?? new ServedKinds({ ...options, wakers: [] });
    this.#log = options.log.with({ controller: definition.name });
    this.#queue = new WorkQueue(options.clock, options.queueMetrics?.of(definition.name));
    this.#events = options.eventsFor(`${definition.name}-controller`);
    // `never` in the contract only keeps others from calling keysOf; here each source meets its own kind's objects.
    const sources = definition.watches as unknown as readonly WatchSource[];
    const informers = this.#informers;
    this.#cache = {
      of<T extends KubeObject>(resource: Resource<T>) {
        const informer = informers.get(resourceKey(resource as Resource));
        assert(informer, `"${definition.name}" reads "${resourceKey(resource as Resource)}" but does not watch it`);
        return informer.lister as unknown as Lister<T>; // Found by its resource, whose objects are `T`.
      },
    };
    this.#guard = new WriteGuard(options.clock, (resource: Resource) => informers.get(resourceKey(resource)));
    for (const source of sources) this.#watch(source);
    for (const source of definition.watchesServed ?? []) this.#watchServed(source);
  }

  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  async run(signal: AbortSignal): Promise<void> {
    using stack = new DisposableStack();
    stack.use(this.#queue);
    const onAbort = () => this.#queue[Symbol.dispose]();
    signal.addEventListener("abort", onAbort, { once: true });
    stack.defer(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) return;
    const workers = Array.from({ length: this.#definition.concurrency ?? CONCURRENCY_DEFAULT }, () =>
      this.#work(signal),
    );
    await Promise.all(workers);
  }

  /** A change of owner concerns the old owner too, so a modified object gives the keys of both its states. */
  #watch(source: WatchSource): void {
    const { gatherMs } = source;
    const add = gatherMs ? (key: string) => this.#queue.addAfter(key, gatherMs) : (key: string) => this.#queue.add(key);
    const wake = (object: KubeObject) => {
      if (!source.keysOf) add(cacheKey(object.metadata));
      else for (const key of source.keysOf(object, this.#cache)) add(cacheKey(key));
    };
    const { resource, fieldSelector } = source;
    const informer = this.#options.informers.of(resource, { fieldSelector });
    this.#informers.set(resourceKey(resource), informer);
    informer.subscribe((change) => {
      if (change.type === "modified" && source.keysOf) wake(change.old);
      wake(change.object);
    });
  }

  #watchServed(source: ServedSource): void {
    const holds = new Map<string, InformerHold>();
    this.#served.subscribe(({ type, resource }) => {
      const key = resourceKey(resource);
      if (type === "withdrawn") {
        if (holds.has(key)) this.#informers.delete(key);
        holds.get(key)?.[Symbol.dispose]();
        holds.delete(key);
        return;
      }
      // A kind that the controller watches by name is in its cache already, and wakes it there.
      if (this.#informers.has(key) || !source.isWanted(resource)) return;
      const hold = this.#options.informers.holdMetadata(resource);
      holds.set(key, hold);
      this.#informers.set(key, hold.informer);
      const wake = (object: KubeObject) => {
        for (const name of source.keysOf(object, resource, this.#cache)) this.#queue.add(cacheKey(name));
      };
      hold.informer.subscribe((change) => {
        if (change.type === "modified") wake(change.old);
        wake(change.object);
      });
    });
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      try {
        await this.#reconcile(key, signal);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    if (!this.#guard.isSatisfied(key)) {
      this.#queue.addAfter(key, STALE_CACHE_RETRY_MS);
      return;
    }
    const { client, clock, random } = this.#options;
    const log = this.#log.with({ key });
    try {
      const result = await this.#definition.reconcile(parseCacheKey(key), {
        client: this.#guard.recording(client, key),
        cache: this.#cache,
        served: this.#served,
        events: this.#events,
        log,
        clock,
        random,
        signal,
      });
      this.#queue.forget(key);
      if (result?.requeueAfterMs !== undefined) this.#queue.addAfter(key, result.requeueAfterMs);
    } catch (thrown) {
      if (signal.aborted) return;
      this.#fail(key, thrown, log);
    }
  }

  #fail(key: string, thrown: unknown, log: Logger): void {
    if (thrown instanceof TerminalError) {
      this.#queue.forget(key);
      log.error("Reconciling cannot succeed until something changes", { error: thrown });
      return;
    }
    const retryAfterMs = this.#queue.addFailed(key);
    // Losing a race for an object, or its end, is everyday life; losing it again and again is not.
    const isRace = hasReason(thrown, "Conflict") || hasReason(thrown, "NotFound");
    if (isRace && retryAfterMs < RACE_QUIET_MS) log.debug("Object changed meanwhile, trying again", { retryAfterMs });
    else log.error("Reconciling failed, trying again", { error: toError(thrown), retryAfterMs });
  }
}
