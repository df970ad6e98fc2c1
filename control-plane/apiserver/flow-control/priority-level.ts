// One priority level: so many seats, and queues where requests wait for them. Flows wait in a few of the queues each and are
// served by start-time fair queuing: the request whose flow has had the least so far goes next.

import type { QueuingConfiguration } from "@atoll/api/generated/types";
import type { Clock } from "@atoll/base/clock";
import type { SeatBounds } from "./seat-shares.ts";
import { dealHand, hashFlow } from "./shuffle-sharding.ts";

/** A quarter of the minute that a request has: what waited longer would not be done in time. */
const WAIT_MAX_MS = 15_000;

export type Refusal = "concurrency-limit" | "queue-full" | "time-out" | "cancelled";

interface Waiter {
  readonly seats: number;
  /** Where the flow's earlier requests end, in virtual time. */
  readonly start: number;
  readonly queue: Queue;
  readonly resolve: (refusal: Refusal | undefined) => void;
}

interface Queue {
  readonly waiters: Waiter[];
  finish: number;
}

/** What its PriorityLevelConfiguration says. */
export interface LevelShape {
  readonly name: string;
  readonly uid: string;
  readonly isExempt: boolean;
  readonly bounds: SeatBounds;
  /** Undefined: what finds no seat is refused. */
  readonly queuing: QueuingConfiguration | undefined;
}

export class PriorityLevel {
  readonly #clock: Clock;
  #shape: LevelShape;
  readonly #queues = new Map<number, Queue>();
  readonly #refused = new Map<Refusal, number>();
  #seats: number;
  #taken = 0;
  #executing = 0;
  #waitingSeats = 0;
  #waiting = 0;
  #dispatched = 0;
  #virtualTime = 0;
  #peak = 0;

  constructor({ clock, ...shape }: LevelShape & { readonly clock: Clock }) {
    this.#clock = clock;
    this.#shape = shape;
    this.#seats = Math.max(1, shape.bounds.nominal);
  }

  /** The same level, with its requests, as its object has it now. */
  reshape(shape: LevelShape): this {
    if (shape.bounds.nominal !== this.bounds.nominal) this.seats = shape.bounds.nominal;
    this.#shape = shape;
    this.dispatch();
    return this;
  }

  get name(): string {
    return this.#shape.name;
  }

  get uid(): string {
    return this.#shape.uid;
  }

  get isExempt(): boolean {
    return this.#shape.isExempt;
  }

  get bounds(): SeatBounds {
    return this.#shape.bounds;
  }

  /** Takes the seats if they are free and nobody waits for them. */
  tryTake(seats: number): boolean {
    if (!this.isExempt && (this.#waiting > 0 || !this.#fits(seats))) return false;
    this.#take(seats);
    return true;
  }

  /** Waits for the seats; the refusal when there will be none. To be asked after `tryTake`. */
  async wait(flow: string, seats: number, signal: AbortSignal): Promise<Refusal | undefined> {
    const { queuing } = this.#shape;
    const refusal = queuing ? await this.#queue(queuing, { flow, seats, signal }) : "concurrency-limit";
    if (refusal) this.#refused.set(refusal, (this.#refused.get(refusal) ?? 0) + 1);
    return refusal;
  }

  release(seats: number): void {
    this.#taken -= seats;
    this.#executing--;
    if (this.#waiting > 0) this.dispatch();
  }

  /** Lets in whoever is next, as long as there is room. */
  dispatch(): void {
    for (let next = this.#next(); next && this.#fits(next.seats); next = this.#next()) {
      this.#remove(next);
      this.#virtualTime = next.start;
      this.#take(next.seats);
      next.resolve(undefined);
    }
  }

  set seats(seats: number) {
    this.#seats = Math.max(1, seats);
  }

  get seats(): number {
    return this.#seats;
  }

  /** The most seats that were wanted at once since this was asked last. */
  takePeak(): number {
    const wanted = this.#taken + this.#waitingSeats;
    const peak = Math.max(this.#peak, wanted);
    this.#peak = wanted;
    return peak;
  }

  get counts() {
    return {
      taken: this.#taken,
      executing: this.#executing,
      waiting: this.#waiting,
      dispatched: this.#dispatched,
      refused: this.#refused,
    };
  }

  #fits(seats: number): boolean {
    // Whoever wants more seats than there are gets all of them.
    return this.#taken === 0 || this.#taken + seats <= this.#seats;
  }

  #take(seats: number): void {
    this.#taken += seats;
    this.#executing++;
    this.#dispatched++;
    this.#notePeak();
  }

  #notePeak(): void {
    this.#peak = Math.max(this.#peak, this.#taken + this.#waitingSeats);
  }

  #queue(
    { queues = 1, handSize = 1, queueLengthLimit = 1 }: QueuingConfiguration,
    { flow, seats, signal }: { readonly flow: string; readonly seats: number; readonly signal: AbortSignal },
  ): Promise<Refusal | undefined> {
    const queue = this.#shortestOf(dealHand(hashFlow(flow), queues, handSize));
    if (queue.waiters.length >= queueLengthLimit) return Promise.resolve("queue-full");
    return new Promise((resolve) => {
      const leave = (refusal: Refusal) => {
        this.#remove(waiter);
        finish(refusal);
      };
      const onAbort = () => leave("cancelled");
      const timer = this.#clock.setTimer(WAIT_MAX_MS, () => leave("time-out"));
      const finish = (refusal: Refusal | undefined) => {
        timer[Symbol.dispose]();
        signal.removeEventListener("abort", onAbort);
        resolve(refusal);
      };
      const start = Math.max(this.#virtualTime, queue.finish);
      queue.finish = start + seats;
      const waiter: Waiter = { seats, start, queue, resolve: finish };
      queue.waiters.push(waiter);
      this.#waiting++;
      this.#waitingSeats += seats;
      this.#notePeak();
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  #shortestOf(hand: readonly number[]): Queue {
    const queues = hand.map((card) => {
      let queue = this.#queues.get(card);
      if (!queue) {
        queue = { waiters: [], finish: 0 };
        this.#queues.set(card, queue);
      }
      return queue;
    });
    return queues.reduce((best, queue) => (queue.waiters.length < best.waiters.length ? queue : best));
  }

  #next(): Waiter | undefined {
    let next: Waiter | undefined;
    for (const { waiters } of this.#queues.values()) {
      const [head] = waiters;
      if (head && (!next || head.start < next.start)) next = head;
    }
    return next;
  }

  #remove(waiter: Waiter): void {
    const { waiters } = waiter.queue;
    const index = waiters.indexOf(waiter);
    if (index < 0) return;
    waiters.splice(index, 1);
    this.#waiting--;
    this.#waitingSeats -= waiter.seats;
  }
}
