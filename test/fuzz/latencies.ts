// What the other client notes, and what it is told: it works in a thread of its own.

import type { Target } from "../performance/load/connection.ts";

/** An answer that took this much longer is remembered by itself. */
export const LATE_MS = 100;

export interface LateAnswer {
  readonly what: "get" | "write";
  /** Since the epoch. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The longest time in between in which this thread itself was not given the processor. */
  readonly ownDelayMs: number;
}

export interface Latencies {
  readonly count: number;
  readonly maxMs: number;
  readonly p99Ms: number;
  readonly late: readonly LateAnswer[];
  /** Answers that were no success. */
  readonly failures: readonly string[];
}

export interface OtherClientOptions extends Target {
  readonly path: string;
}
