// When watchers are written to. A write to a connection costs the same whether it carries one event or five. So after a round of
// writes the next one waits for as long as the round took, and what comes meanwhile goes out together: the first event after a
// pause is sent at once, a few watchers never wait, and many take half of the thread's time at most (decision 0266).

import type { Clock } from "@atoll/base/clock";

/** Of the time that the round before took. */
const REST_FACTOR = 1;

/** An event waits no longer, beside the rounds themselves (docs/operating/limits.md). */
export const REST_MS_MAX = 5;

/** A timer cannot be shorter. */
const TIMER_MS_MIN = 1;

/** A round that takes longer lets others have their turn. */
const SLICE_MS = 10;

export class WriteRounds {
  readonly #clock: Clock;
  #due: (() => void)[] = [];
  #isArmed = false;
  #notBeforeMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls in the next round, in the order of asking. Must not throw. */
  join(step: () => void): void {
    this.#due.push(step);
    if (!this.#isArmed) this.#arm();
  }

  #arm(): void {
    this.#isArmed = true;
    const restMs = this.#notBeforeMs - this.#clock.monotonicMs();
    // When all who are told of the same event have asked.
    if (restMs < TIMER_MS_MIN) queueMicrotask(this.#run);
    else this.#clock.setTimer(restMs, this.#run);
  }

  readonly #run = (): void => {
    const steps = this.#due;
    this.#due = [];
    const startedMs = this.#clock.monotonicMs();
    let endedMs = startedMs;
    let done = 0;
    for (const step of steps) {
      step();
      done++;
      endedMs = this.#clock.monotonicMs();
      if (endedMs - startedMs > SLICE_MS) break;
    }
    this.#notBeforeMs = endedMs + Math.min((endedMs - startedMs) * REST_FACTOR, REST_MS_MAX);
    if (done < steps.length) {
      // What was asked for meanwhile comes after what is left of this round, which does not wait.
      this.#due = [...steps.slice(done), ...this.#due];
      setImmediate(this.#run);
    } else if (this.#due.length > 0) this.#arm();
    else this.#isArmed = false;
  };
}
