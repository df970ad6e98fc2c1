import type { Clock } from "../clock.ts";

interface Waiter {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * A clock that stands still until a test moves it. Timers fire in the order of their time, then of their making, and
 * `advance` lets every promise that a timer woke settle before the next timer fires.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = this.setTimer(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = () => {
        timer[Symbol.dispose]();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  setTimer(ms: number, callback: () => void): Disposable {
    const waiter: Waiter = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, fire: callback };
    this.#waiters.add(waiter);
    return { [Symbol.dispose]: () => this.#waiters.delete(waiter) };
  }

  /** Timers that wait; a test that expects a quiet part asserts on it. */
  get pendingTimers(): number {
    return this.#waiters.size;
  }

  /** Moves time forward by `ms`, firing every timer that comes due on the way, also those that fired timers set. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#nextUntil(endMs); next; next = this.#nextUntil(endMs)) {
      this.#waiters.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #nextUntil(endMs: number): Waiter | undefined {
    let next: Waiter | undefined;
    for (const waiter of this.#waiters) {
      if (waiter.atMs > endMs) continue;
      if (!next || waiter.atMs < next.atMs || (waiter.atMs === next.atMs && waiter.order < next.order)) next = waiter;
    }
    return next;
  }
}

/** Lets promises that are already resolvable run: a macrotask turn is after every microtask. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
