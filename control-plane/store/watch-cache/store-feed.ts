// The one watch of a store that all its caches share. Sixty kinds with a watch each would all be woken by every write, only
// to learn that it was not theirs; here a write costs the caches of its own prefix something and the others nothing.

import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { type KeyRange, prefixEnd, type Store, StoreError, type StoreEvent } from "../store.ts";
import { closedError } from "../validation.ts";
import { HistoryBudget } from "./history-budget.ts";

/** Wait before the store is asked again after it failed. */
const RETRY_MS = 1_000;

/** Bytes of the values in the events that all caches together keep for watchers; with all around them about twice as much. */
const HISTORY_BYTES_MAX = 64 * 1024 * 1024;

const EVERYTHING: KeyRange = { start: "", end: prefixEnd("") };

/** One cache, as the feed sees it. None of these may throw. */
export interface FeedSink {
  /** All events of the prefix in some whole revisions, in order. */
  take(events: readonly StoreEvent[]): void;
  /** Events were missed: what is known must be read again. */
  lose(): void;
  /** The feed has moved on; called only after `callWhenMoved`. */
  moved(): void;
  /** Nothing will come any more. */
  end(error: StoreError): void;
}

export interface StoreFeedOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

export class StoreFeed {
  /** Of all caches that it feeds. */
  readonly history = new HistoryBudget(HISTORY_BYTES_MAX);
  readonly #options: StoreFeedOptions;
  readonly #sinks = new Map<string, Set<FeedSink>>();
  readonly #waiting = new Set<FeedSink>();
  #revision = 0;
  #ended: StoreError | undefined;

  constructor(options: StoreFeedOptions) {
    this.#options = options;
  }

  /** Every event up to here has been given to the sinks. 0 before the store was first asked. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * From now on the sink gets every event of the prefix (which ends in a slash) that happens after `revision`; some older
   * ones may come, too. Dispose of the result to leave.
   */
  join(prefix: string, sink: FeedSink): Disposable {
    if (this.#ended) sink.end(this.#ended);
    const sinks = this.#sinks.get(prefix) ?? new Set();
    this.#sinks.set(prefix, sinks.add(sink));
    return {
      [Symbol.dispose]: () => {
        sinks.delete(sink);
        this.#waiting.delete(sink);
        if (sinks.size === 0 && this.#sinks.get(prefix) === sinks) this.#sinks.delete(prefix);
      },
    };
  }

  /** Tells the sink once when the revision has grown. */
  callWhenMoved(sink: FeedSink): void {
    this.#waiting.add(sink);
  }

  /** Follows the store until the signal aborts or the store is closed; mends itself after every other failure. Once. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, log, clock } = this.#options;
    try {
      while (!signal.aborted) {
        try {
          if (this.#revision === 0) this.#advance(await store.currentRevision());
          await this.#follow(signal);
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          if (error.code === "Closed") return;
          if (error.code === "Compacted" && (await this.#startAnew())) continue;
          log.error("Caches lost the store, which is tried again", { revision: this.#revision, error });
          // The only rejection is the signal's, on which the loop ends.
          await clock.sleep(RETRY_MS, signal).catch(() => {});
        }
      }
    } finally {
      this.#ended = closedError();
      for (const sink of this.#allSinks()) sink.end(this.#ended);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const batches = this.#options.store.watch(EVERYTHING, { fromRevision: this.#revision + 1 }, signal);
    for await (const { events, revision } of batches) {
      if (events.length > 0) this.#dispatch(events);
      this.#advance(revision);
    }
  }

  /** The store no longer has what comes next: goes on from what it has, and says so to all. False: it cannot be asked now. */
  async #startAnew(): Promise<boolean> {
    const { store, log } = this.#options;
    try {
      const revision = await store.currentRevision();
      log.info("Caches fell behind the store's history and list anew", { revision: this.#revision });
      for (const sink of this.#allSinks()) sink.lose();
      this.#advance(revision);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === "Closed") throw error;
      return false;
    }
  }

  #dispatch(events: readonly StoreEvent[]): void {
    const taken = new Map<FeedSink, StoreEvent[]>();
    for (const event of events) {
      for (const sink of this.#sinksOf(event.key)) {
        const own = taken.get(sink);
        if (own) own.push(event);
        else taken.set(sink, [event]);
      }
    }
    for (const [sink, own] of taken) sink.take(own);
  }

  /** Those of all prefixes of the key: one, as keys are, unless prefixes lie within each other. */
  *#sinksOf(key: string): Generator<FeedSink, void, undefined> {
    for (let end = key.indexOf("/", 1); end > 0; end = key.indexOf("/", end + 1)) {
      const sinks = this.#sinks.get(key.slice(0, end + 1));
      if (sinks) yield* sinks;
    }
  }

  #advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const sink of waiting) sink.moved();
  }

  #allSinks(): FeedSink[] {
    return [...this.#sinks.values()].flatMap((sinks) => [...sinks]);
  }
}
