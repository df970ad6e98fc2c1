// What all caches of a store together may keep of events that have happened. Each has a limit of its own, but there is one for
// each kind: when many kinds are written much, the one with the most gives first.

/** The events of one cache. */
export interface History {
  /** Of the values in it. */
  readonly bytes: number;
  /** Forgets a good part, the oldest first. */
  forgetOldest(): void;
}

export class HistoryBudget {
  readonly #bytesMax: number;
  readonly #histories = new Set<History>();

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Dispose of the result to leave. */
  join(history: History): Disposable {
    this.#histories.add(history);
    return { [Symbol.dispose]: () => void this.#histories.delete(history) };
  }

  /** To be called when a history has grown. */
  enforce(): void {
    let total = 0;
    let largest: History | undefined;
    for (const history of this.#histories) {
      total += history.bytes;
      if (!largest || history.bytes > largest.bytes) largest = history;
    }
    if (total > this.#bytesMax) largest?.forgetOldest();
  }
}
