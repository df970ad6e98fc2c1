import type { Clock } from "@atoll/base/clock";
import type { LocalRoots } from "./local/layout.ts";

/** What every command gets from `bin/atoll.ts`: the machine's places, time, and where to write. */
export interface World {
  readonly roots: LocalRoots;
  readonly clock: Clock;
  /** Aborts on Ctrl-C; commands leave nothing half done behind. */
  readonly signal: AbortSignal;
  /** Results, for people and for pipes. */
  print(text: string): void;
  /** Progress and remarks; never part of a result. */
  note(text: string): void;
}
