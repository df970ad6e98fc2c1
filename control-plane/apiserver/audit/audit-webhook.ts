// Sends audit events to somebody else's server, many at a time. One batch is under way at a time: while a server does not answer,
// events wait in memory, up to a limit; what does not fit, and what could not be sent in the end, is counted.

import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import { type AuditSink, WAITING_MAX } from "./audit-sink.ts";

/** As upstream: a batch is tried so often, each pause longer than the one before it. */
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 10_000;
const PAUSE_GROWTH = 1.5;
const PAUSE_SPREAD = 0.2;
/** At the end of the server's life, for all that waits. */
const FAREWELL_MS = 10_000;

/** Rejects when the server has not taken it. */
export type SendEvents = (body: Uint8Array, signal: AbortSignal) => Promise<void>;

export interface AuditWebhookOptions {
  readonly send: SendEvents;
  /** Events that may wait. */
  readonly bufferEventsMax: number;
  /** Events that are sent at once. */
  readonly batchEventsMax: number;
  /** How long the first event of a batch waits for others. */
  readonly batchWaitMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class AuditWebhook implements AuditSink, AsyncDisposable {
  readonly plugin = "webhook";
  readonly #options: AuditWebhookOptions;
  #waiting: string[] = [];
  #waitingLength = 0;
  #written = 0;
  #dropped = 0;
  #sending: Promise<void> | undefined;
  /** Called when a batch is full, or nothing more will come. */
  #go: () => void = () => {};
  readonly #ending = new AbortController();

  constructor(options: AuditWebhookOptions) {
    this.#options = options;
  }

  get counts() {
    return { written: this.#written, dropped: this.#dropped };
  }

  write(event: string): void {
    const { bufferEventsMax, batchEventsMax } = this.#options;
    const isFull = this.#waiting.length >= bufferEventsMax || this.#waitingLength + event.length > WAITING_MAX;
    if (isFull || this.#ending.signal.aborted) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(event);
    this.#waitingLength += event.length;
    if (this.#waiting.length >= batchEventsMax) this.#go();
    this.#sending ??= this.#run();
  }

  /** Sends what waits, once more and for a short time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#go();
    await this.#sending;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#untilDue();
      const batch = this.#waiting.splice(0, this.#options.batchEventsMax);
      this.#waitingLength -= batch.reduce((sum, { length }) => sum + length, 0);
      if (await this.#deliver(batch)) this.#written += batch.length;
      else this.#dropped += batch.length;
    }
    this.#sending = undefined;
  }

  async #untilDue(): Promise<void> {
    const { batchEventsMax, batchWaitMs, clock } = this.#options;
    if (this.#waiting.length >= batchEventsMax || this.#ending.signal.aborted) return;
    const due = Promise.withResolvers<void>();
    this.#go = due.resolve;
    using _timer = clock.setTimer(batchWaitMs, due.resolve);
    await due.promise;
  }

  async #deliver(batch: readonly string[]): Promise<boolean> {
    const { send, clock, random, log } = this.#options;
    const body = Buffer.from(
      `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${batch.join()}]}`,
    );
    let pauseMs = PAUSE_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#sendOnce(send, body);
        return true;
      } catch (error) {
        const isLast = attempt >= ATTEMPTS_MAX || this.#ending.signal.aborted;
        const facts = { count: batch.length, attempt, error };
        if (isLast) {
          log.error("Audit events could not be sent and are lost", facts);
          return false;
        }
        log.info("Audit events could not be sent yet", facts);
      }
      await clock.sleep(pauseMs * (1 + PAUSE_SPREAD * random.float()), this.#ending.signal).catch(() => {});
      pauseMs *= PAUSE_GROWTH;
    }
  }

  /** The server's end does not wait for a receiver that never answers. */
  async #sendOnce(send: SendEvents, body: Uint8Array): Promise<void> {
    const { clock } = this.#options;
    const stop = new AbortController();
    let farewell: Disposable | undefined;
    const hurry = () => {
      farewell = clock.setTimer(FAREWELL_MS, () => stop.abort(new Error("The server ends")));
    };
    const { signal: ending } = this.#ending;
    if (ending.aborted) hurry();
    else ending.addEventListener("abort", hurry, { once: true });
    try {
      await send(body, stop.signal);
    } finally {
      ending.removeEventListener("abort", hurry);
      farewell?.[Symbol.dispose]();
    }
  }
}
