// Pods that wait for a host. Three places: ready (by priority, then by arrival), resting (back-off after a failed attempt),
// and stuck (no host suits; a change in the cluster wakes them). Nothing in here looks at a pod's content.

import type { Clock } from "@atoll/base/clock";
import { doubled } from "@atoll/machinery/controller/back-off";

/** Upstream's back-off of a pod that found no host. */
const BACK_OFF = { firstMs: 1000, longestMs: 10_000 };
/** A change we did not think of must not leave a pod stuck for ever. */
const STUCK_RETRY_MS = 5 * 60_000;

interface Entry {
  readonly key: string;
  priority: number;
  attempts: number;
  failedMs: number;
  place: "ready" | "resting" | "stuck" | "taken";
  timer: Disposable | undefined;
}

export class SchedulingQueue implements Disposable {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Keys by priority; entries that left are skipped when they come up. */
  readonly #ready = new Map<number, Entry[]>();
  #taker: ((key: string | undefined) => void) | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Pods that no host suits at the moment. */
  get stuck(): number {
    return [...this.#entries.values()].filter(({ place }) => place === "stuck").length;
  }

  /** A pod that needs a host, or whose content changed so that it may now find one. */
  add(key: string, priority: number): void {
    if (this.#closed) return;
    const existing = this.#entries.get(key);
    if (existing) {
      existing.priority = priority;
      if (existing.place === "stuck") this.#wakeEntry(existing);
      return;
    }
    const entry: Entry = { key, priority, attempts: 0, failedMs: 0, place: "ready", timer: undefined };
    this.#entries.set(key, entry);
    this.#makeReady(entry);
  }

  /** It has a host, or is gone. */
  remove(key: string): void {
    const entry = this.#entries.get(key);
    entry?.timer?.[Symbol.dispose]();
    if (entry) entry.place = "taken";
    this.#entries.delete(key);
  }

  /** The next pod; undefined once closed. One taker at a time. Follow with `remove` or `fail`. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const entry = this.#next();
    if (entry) {
      entry.place = "taken";
      return Promise.resolve(entry.key);
    }
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  /** No host suits: waits for a change. `isTransient`: the attempt itself failed, so it is worth another soon. */
  fail(key: string, options: { readonly isTransient: boolean }): void {
    const entry = this.#entries.get(key);
    if (!entry || this.#closed) return;
    entry.attempts++;
    entry.failedMs = this.#clock.monotonicMs();
    entry.place = "stuck";
    if (options.isTransient) this.#wakeEntry(entry);
    else entry.timer = this.#clock.setTimer(STUCK_RETRY_MS, () => this.#makeReady(entry));
  }

  /** Something changed that may help the stuck ones. */
  wakeAll(): void {
    for (const entry of this.#entries.values()) {
      if (entry.place === "stuck") this.#wakeEntry(entry);
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const { timer } of this.#entries.values()) timer?.[Symbol.dispose]();
    this.#entries.clear();
    this.#taker?.(undefined);
    this.#taker = undefined;
  }

  #wakeEntry(entry: Entry): void {
    entry.timer?.[Symbol.dispose]();
    const readyMs = entry.failedMs + doubled(BACK_OFF, Math.max(0, entry.attempts - 1));
    const waitMs = readyMs - this.#clock.monotonicMs();
    if (entry.attempts === 0 || waitMs <= 0) {
      this.#makeReady(entry);
      return;
    }
    entry.place = "resting";
    entry.timer = this.#clock.setTimer(waitMs, () => this.#makeReady(entry));
  }

  #makeReady(entry: Entry): void {
    entry.timer = undefined;
    if (this.#taker) {
      const give = this.#taker;
      this.#taker = undefined;
      entry.place = "taken";
      give(entry.key);
      return;
    }
    entry.place = "ready";
    const line = this.#ready.get(entry.priority);
    if (line) line.push(entry);
    else this.#ready.set(entry.priority, [entry]);
  }

  #next(): Entry | undefined {
    for (const priority of [...this.#ready.keys()].sort((left, right) => right - left)) {
      const line = this.#ready.get(priority) ?? [];
      for (let entry = line.shift(); entry; entry = line.shift()) if (entry.place === "ready") return entry;
      this.#ready.delete(priority);
    }
    return undefined;
  }
}
