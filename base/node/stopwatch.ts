import type { Clock } from "../clock.ts";

/** Measures the named parts of a piece of work, for timings that users see. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #timings: Record<string, number> = {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  async measure<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const beforeMs = this.#clock.monotonicMs();
    const result = await work();
    this.#timings[name] = roundMs(this.#clock.monotonicMs() - beforeMs);
    return result;
  }

  /** All parts, and `total` since the beginning. */
  timings(): Readonly<Record<string, number>> {
    return { ...this.#timings, total: roundMs(this.#clock.monotonicMs() - this.#startMs) };
  }
}

/** To a tenth. */
function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
