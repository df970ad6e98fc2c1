// The queue between changes and a controller's workers. A key waits at most once, is never worked on twice at the same
// time, and a change that comes while it is worked on brings it back afterwards.

import type { Clock } from "@atoll/base/clock";
import type { Histogram } from "@atoll/base/metrics";
import { doubled } from "./back-off.ts";
import type { QueueSeries } from "./queue-metrics.ts";

/** Upstream's limits for a failing key: 5 ms doubling to 1000 s. */
const RETRY = { firstMs: 5, longestMs: 1_000_000 };

/** Timers of Node end at 2^31 ms and then fire at once. A key that comes early is looked at once more and waits again. */
const DELAY_LONGEST_MS = 24 * 3_600_000;

export class WorkQueue implements Disposable {
  readonly #clock: Clock;
  /** Undefined: nobody counts. */
  readonly #series: QueueSeries | undefined;
  /** When what is counted was queued, and when its work began; in ms. */
  readonly #since = new Map<string, number>();
  /** In order of arrival; consumed from `#head`, so that taking one does not move all others. */
  #waiting: string[] = [];
  #head = 0;
  /** Waiting, or to be queued again when done. */
  readonly #dirty = new Set<string>();
  readonly #inWork = new Set<string>();
  readonly #delayed = new Map<string, { readonly atMs: number; readonly timer: Disposable }>();
  readonly #failures = new Map<string, number>();
  #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(clock: Clock, series?: QueueSeries) {
    this.#clock = clock;
    this.#series = series;
  }

  /** Keys that wait for a worker. */
  get length(): number {
    return this.#waiting.length - this.#head;
  }

  get isIdle(): boolean {
    return this.length === 0 && this.#inWork.size === 0;
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#series?.adds.add();
    if (!this.#inWork.has(key)) this.#enqueue(key);
  }

  /** Adds the key after `ms`, or after a day if that is sooner. Of several delays of one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    const delayMs = Math.min(ms, DELAY_LONGEST_MS);
    const atMs = this.#clock.monotonicMs() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.atMs <= atMs) return;
    earlier?.timer[Symbol.dispose]();
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { atMs, timer });
  }

  /** Adds the key after a pause that doubles with every call since the last `forget`. */
  addFailed(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#series?.retries.add();
    const ms = doubled(RETRY, failures);
    this.addAfter(key, ms);
    return ms;
  }

  /** Ends the doubling for a key that succeeded. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key to work on; undefined once the queue is closed. Every key taken must be given back by `done`. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const key = this.#waiting[this.#head];
    if (key === undefined) return new Promise((resolve) => this.#takers.push(resolve));
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    this.#begin(key);
    return Promise.resolve(key);
  }

  done(key: string): void {
    this.#inWork.delete(key);
    if (this.#series) this.#observe(key, this.#series.work);
    if (this.#dirty.has(key) && !this.#closed) this.#enqueue(key);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#since.clear();
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]();
    this.#delayed.clear();
    for (const give of this.#takers) give(undefined);
    this.#takers = [];
  }

  #enqueue(key: string): void {
    if (this.#series) this.#since.set(key, this.#clock.monotonicMs());
    const give = this.#takers.shift();
    if (!give) {
      this.#waiting.push(key);
      if (this.#series) this.#series.depth = this.length;
      return;
    }
    this.#begin(key);
    give(key);
  }

  #begin(key: string): void {
    this.#dirty.delete(key);
    this.#inWork.add(key);
    if (!this.#series) return;
    this.#series.depth = this.length;
    this.#observe(key, this.#series.waits);
    this.#since.set(key, this.#clock.monotonicMs());
  }

  #observe(key: string, histogram: Histogram): void {
    const since = this.#since.get(key);
    if (since === undefined) return;
    this.#since.delete(key);
    histogram.observe((this.#clock.monotonicMs() - since) / 1000);
  }
}
