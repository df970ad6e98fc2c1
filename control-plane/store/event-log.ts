// The newest events of a store in memory, in order: all of them after a certain revision. Watchers read it by position.
// What it has forgotten is either in the maker's history or gone; the log never guesses.

import { isInRange } from "./key-order.ts";
import type { KeyRange } from "./store.ts";

/** Events looked at for one page of a watch; keeps a page well below a millisecond. */
const PAGE_EVENTS = 1000;

/** What is left of a log that has grown too long. */
const KEPT_PART = 0.75;

interface LoggedEvent {
  readonly key: string;
  readonly revision: number;
}

export interface EventLogLimits<E> {
  readonly eventsMax: number;
  readonly bytesMax: number;
  bytesOf(event: E): number;
}

export class EventLog<E extends LoggedEvent> {
  readonly #limits: EventLogLimits<E> | undefined;
  #events: E[] = [];
  #bytes = 0;
  #knownAfter: number;
  #revision: number;

  /** Without limits it keeps everything until told to forget. */
  constructor(revision: number, limits?: EventLogLimits<E>) {
    this.#knownAfter = revision;
    this.#revision = revision;
    this.#limits = limits;
  }

  /** All events up to here are, or were, in the log. */
  get revision(): number {
    return this.#revision;
  }

  /** As its limits count them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of the newest event, as far as anybody knows. */
  get changedAt(): number {
    return this.#events.at(-1)?.revision ?? this.#knownAfter;
  }

  /** All events after this revision are still in the log. */
  get knownAfter(): number {
    return this.#knownAfter;
  }

  /** The event behind which stand so many newer ones. */
  eventBefore(newerEvents: number): E | undefined {
    return this.#events[this.#events.length - 1 - newerEvents];
  }

  /** Adds whole revisions; `revision` is the newest of them, or a later one that had no event. */
  append(events: readonly E[], revision: number): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += this.#limits?.bytesOf(event) ?? 0;
    }
    this.#revision = revision;
    this.#trim();
  }

  /** Nothing happened up to the revision. */
  advance(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
  }

  /** The events of one page in the range, whole revisions only; undefined when they are no longer all known. */
  readAfter(range: KeyRange, afterRevision: number): { readonly events: E[]; readonly revision: number } | undefined {
    if (afterRevision < this.#knownAfter) return undefined;
    const first = this.#indexOf(afterRevision + 1);
    let end = Math.min(first + PAGE_EVENTS, this.#events.length);
    const last = this.#events[end - 1];
    while (last && this.#events[end]?.revision === last.revision) end++;
    const events: E[] = [];
    for (let index = first; index < end; index++) {
      const event = this.#events[index];
      if (event && isInRange(event.key, range)) events.push(event);
    }
    return { events, revision: last && end < this.#events.length ? last.revision : this.#revision };
  }

  /** The keys written at the revision or earlier, as far as still known. */
  keysUntil(revision: number): Set<string> {
    return new Set(this.#events.slice(0, this.#indexOf(revision + 1)).map(({ key }) => key));
  }

  forgetBefore(revision: number): void {
    this.#forget(this.#indexOf(revision));
    this.#knownAfter = Math.max(this.#knownAfter, revision - 1);
  }

  /** Starts anew at a revision, knowing nothing before it. */
  reset(revision: number): void {
    this.#events = [];
    this.#bytes = 0;
    this.#knownAfter = revision;
    this.#revision = revision;
  }

  /** A quarter of what there is, so that the array is moved once in many appends. */
  forgetOldest(): void {
    this.#forgetDownTo(Number.POSITIVE_INFINITY, this.#bytes * KEPT_PART);
  }

  #trim(): void {
    const limits = this.#limits;
    if (!limits) return;
    const { eventsMax, bytesMax } = limits;
    if (this.#events.length <= eventsMax && this.#bytes <= bytesMax) return;
    this.#forgetDownTo(eventsMax * KEPT_PART, bytesMax * KEPT_PART);
  }

  #forgetDownTo(eventsMax: number, bytesMax: number): void {
    let count = 0;
    let bytes = this.#bytes;
    for (const event of this.#events) {
      if (this.#events.length - count <= eventsMax && bytes <= bytesMax) break;
      bytes -= this.#limits?.bytesOf(event) ?? 0;
      count++;
    }
    if (count === 0) return;
    const lastRevision = this.#events[count - 1]?.revision ?? this.#knownAfter;
    while (this.#events[count]?.revision === lastRevision) count++;
    this.#forget(count);
    this.#knownAfter = lastRevision;
  }

  #forget(count: number): void {
    const forgotten = this.#events.splice(0, count);
    for (const event of forgotten) this.#bytes -= this.#limits?.bytesOf(event) ?? 0;
  }

  /** The index of the first event at the revision or later. */
  #indexOf(revision: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
