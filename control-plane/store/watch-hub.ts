// The watchers of one history. A watcher is a position and nothing more: it pulls its next page when its reader asks for
// one. So history and live are one path without a hand-over that could lose or repeat an event, and a reader that sleeps
// costs no memory, however much is written meanwhile.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { KeyRange, StoreEvent, WatchOptions } from "./store.ts";
import { checkRevision, closedError } from "./validation.ts";

export interface EventBatch<E> {
  readonly events: readonly E[];
  readonly revision: number;
}

export interface EventHistory<E = StoreEvent> {
  /** All events up to here can be read. */
  readonly revision: number;
  /**
   * The range's events after a revision, of whole revisions, as many as make a page; the batch's revision is greater than
   * `afterRevision`, whose successor must have happened. Throws "Compacted" when that is no longer known.
   */
  readAfter(range: KeyRange, afterRevision: number): EventBatch<E>;
}

export class WatchHub<E = StoreEvent> {
  readonly #history: EventHistory<E>;
  readonly #sleepers = new Map<() => void, KeyRange>();
  #isClosed = false;

  constructor(history: EventHistory<E>) {
    this.#history = history;
  }

  /** Lets watchers look at a history that has moved: all, or those whose range is of interest. */
  wake(isOfInterest: (range: KeyRange) => boolean = () => true): void {
    for (const [wakeSleeper, range] of [...this.#sleepers]) {
      if (isOfInterest(range)) wakeSleeper();
    }
  }

  /** Ends all watches with the error "Closed". */
  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  watch(range: KeyRange, { fromRevision }: WatchOptions, signal: AbortSignal): AsyncIterable<EventBatch<E>> {
    if (this.#isClosed) throw closedError();
    if (fromRevision !== undefined) checkRevision(fromRevision);
    const afterRevision = fromRevision === undefined ? this.#history.revision : fromRevision - 1;
    return this.#follow(range, afterRevision, signal);
  }

  async *#follow(range: KeyRange, afterRevision: number, signal: AbortSignal): AsyncGenerator<EventBatch<E>, void> {
    let position = afterRevision;
    while (!signal.aborted) {
      if (this.#isClosed) throw closedError();
      if (position >= this.#history.revision) {
        await this.#sleep(range, signal);
        continue;
      }
      const batch = this.#history.readAfter(range, position);
      position = batch.revision;
      // On the way through a backlog there is nothing to say about pages without events; at its end there is.
      if (batch.events.length > 0 || position >= this.#history.revision) yield batch;
      // A long backlog must not keep the thread from its other work: reading a page is synchronous.
      if (position < this.#history.revision) await nextTurn();
    }
  }

  #sleep(range: KeyRange, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = () => {
        this.#sleepers.delete(wakeUp);
        signal.removeEventListener("abort", wakeUp);
        resolve();
      };
      this.#sleepers.set(wakeUp, range);
      signal.addEventListener("abort", wakeUp, { once: true });
    });
  }
}
