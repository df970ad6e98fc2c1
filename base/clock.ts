// Time as a parameter. Everything that waits, times out or stamps an object takes a Clock, so that simulation and unit
// tests run on virtual time (`virtual-clock.ts`). Only this file, `bin/` and `console/` touch the global timers.

export interface Clock {
  /** Milliseconds since the Unix epoch, may step when the machine's clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary point, never goes back; for measuring and for deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms`, unless the returned timer is disposed before. Never keeps the process alive. */
  setTimer(ms: number, callback: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = new LongTimer(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  setTimer: (ms, callback) => {
    const timer = new LongTimer(ms, callback, { keepsAlive: false });
    return { [Symbol.dispose]: () => timer.cancel() };
  },
};

/** The platform's timers take 25 days; one for longer would come at once. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** One after the other, until the time is over. */
class LongTimer {
  readonly #callback: () => void;
  readonly #keepsAlive: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, callback: () => void, { keepsAlive } = { keepsAlive: true }) {
    this.#callback = callback;
    this.#keepsAlive = keepsAlive;
    this.#arm(ms);
  }

  cancel(): void {
    // Node keeps timers in a list for each time, and lets go of an empty one only for a timer that keeps the process alive: what
    // is left of each watch that ended would stay until its time limit.
    if (typeof this.#timer === "object") this.#timer.ref();
    clearTimeout(this.#timer);
  }

  #arm(ms: number): void {
    this.#timer =
      ms <= TIMER_MS_MAX
        ? setTimeout(this.#callback, ms)
        : setTimeout(() => this.#arm(ms - TIMER_MS_MAX), TIMER_MS_MAX);
    // In a browser a timer is a number and keeps nothing alive; in Node it must be told not to.
    if (!this.#keepsAlive && typeof this.#timer === "object") this.#timer.unref();
  }
}

/** The time in the form Kubernetes' `metav1.Time` takes: RFC 3339, UTC, whole seconds. */
export function formatTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== newest.second) newest = { second, text: `${new Date(epochMs).toISOString().slice(0, 19)}Z` };
  return newest.text;
}

/** Every write asks for the time several times, mostly in the same second. */
let newest: { readonly second: number; readonly text: string } = { second: Number.NaN, text: "" };

/** The time in the form Kubernetes' `metav1.MicroTime` takes: RFC 3339, UTC, six digits. */
export function formatMicroTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 23)}000Z`;
}
