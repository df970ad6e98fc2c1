// Says when leases expire. It keeps time only: what a lease holds, and its end, is the maker's.

import type { Clock } from "@atoll/base/clock";

/** Longest single timer: a timer of more than 2^31 ms would fire at once. */
const TIMER_MS_MAX = 24 * 60 * 60 * 1000;

export class LeaseTimer implements Disposable {
  readonly #clock: Clock;
  readonly #onExpired: (id: number) => void;
  readonly #expiresAtMs = new Map<number, number>();
  #timer: Disposable | undefined;

  constructor(clock: Clock, onExpired: (id: number) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  start(id: number, ttlSeconds: number): void {
    this.#expiresAtMs.set(id, this.#clock.monotonicMs() + ttlSeconds * 1000);
    this.#setTimer();
  }

  stop(id: number): void {
    if (this.#expiresAtMs.delete(id)) this.#setTimer();
  }

  [Symbol.dispose](): void {
    this.#expiresAtMs.clear();
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #setTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#expiresAtMs.size === 0) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const expiresAtMs of this.#expiresAtMs.values()) nextMs = Math.min(nextMs, expiresAtMs);
    const waitMs = Math.min(TIMER_MS_MAX, Math.max(0, nextMs - this.#clock.monotonicMs()));
    this.#timer = this.#clock.setTimer(waitMs, () => this.#expire());
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    const expired = [...this.#expiresAtMs].filter(([, expiresAtMs]) => expiresAtMs <= nowMs);
    for (const [id] of expired) this.#expiresAtMs.delete(id);
    this.#setTimer();
    for (const [id] of expired) this.#onExpired(id);
  }
}
