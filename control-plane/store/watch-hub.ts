// The watchers of one history. A watcher is a position and nothing more: it pulls its next page when its reader asks for
// one. So history and live are one path without a hand-over that could lose or repeat an event, and a reader that sleeps
// costs no memory, however much is written meanwhile.

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
  readonly #sleepers = new Set<WatchPosition<E>>();
  #isClosed = false;

  constructor(history: EventHistory<E>) {
    this.#history = history;
  }

  /** Lets watchers look at a history that has moved: all, or those whose range is of interest. */
  wake(isOfInterest: (range: KeyRange) => boolean = () => true): void {
    for (const position of [...this.#sleepers]) if (isOfInterest(position.range)) position.wake();
  }

  /** Ends all watches with the error "Closed". */
  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  /** A place in the history from which its owner reads on. One that nobody reads costs nothing. */
  open(range: KeyRange, { fromRevision }: WatchOptions): WatchPosition<E> {
    if (this.#isClosed) throw closedError();
    if (fromRevision !== undefined) checkRevision(fromRevision);
    const afterRevision = fromRevision === undefined ? this.#history.revision : fromRevision - 1;
    const sleepers = this.#sleepers;
    return new WatchPosition(
      { history: this.#history, sleepers, isClosed: () => this.#isClosed },
      range,
      afterRevision,
    );
  }

  /** What `open` gives, as one sequence, until the signal aborts. */
  watch(range: KeyRange, options: WatchOptions, signal: AbortSignal): AsyncIterable<EventBatch<E>> {
    return readOn(this.open(range, options), signal);
  }
}

async function* readOn<E>(position: WatchPosition<E>, signal: AbortSignal): AsyncGenerator<EventBatch<E>, void> {
  const wake = () => position.wake();
  signal.addEventListener("abort", wake);
  try {
    while (!signal.aborted) {
      const batch = position.read();
      if (batch) yield batch;
      if (!signal.aborted) await position.pause();
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}

interface SharedState<E> {
  readonly history: EventHistory<E>;
  readonly sleepers: Set<WatchPosition<E>>;
  readonly isClosed: () => boolean;
}

export class WatchPosition<E> {
  readonly range: KeyRange;
  readonly #shared: SharedState<E>;
  #afterRevision: number;
  #call: (() => void) | undefined;

  constructor(shared: SharedState<E>, range: KeyRange, afterRevision: number) {
    this.#shared = shared;
    this.range = range;
    this.#afterRevision = afterRevision;
  }

  /** The next page, where it says something; then `pause`. Throws "Closed" and, for what is forgotten, "Compacted". */
  read(): EventBatch<E> | undefined {
    const { history, isClosed } = this.#shared;
    if (isClosed()) throw closedError();
    if (this.#afterRevision >= history.revision) return undefined;
    const batch = history.readAfter(this.range, this.#afterRevision);
    this.#afterRevision = batch.revision;
    // On the way through a backlog there is nothing to say about pages without events; at its end there is.
    return batch.events.length > 0 || batch.revision >= history.revision ? batch : undefined;
  }

  /** Resolves when it is worth reading again, as `whenDue` calls. */
  pause(): Promise<void> {
    return new Promise((resolve) => this.whenDue(resolve));
  }

  /**
   * Calls once it is worth reading again: at the next turn in a backlog, else when the history moves or on `wake`. To be asked for
   * again only then.
   */
  whenDue(call: () => void): void {
    const { history, sleepers, isClosed } = this.#shared;
    // A long backlog must not keep the thread from its other work: reading a page is synchronous.
    if (isClosed() || this.#afterRevision < history.revision) {
      setImmediate(call);
      return;
    }
    this.#call = call;
    sleepers.add(this);
  }

  wake(): void {
    this.#shared.sleepers.delete(this);
    const call = this.#call;
    this.#call = undefined;
    call?.();
  }
}
