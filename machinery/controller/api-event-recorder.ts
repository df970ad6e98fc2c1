// Writes Events to the API in the background. A part that stumbles in a loop must not flood the store: equal events become
// one with a count, each object has a budget, the queue is bounded, and what does not fit is dropped and counted. Losing an
// Event is allowed, slowing down its sender is not.

import { Event } from "@atoll/api/core/event/kind";
import type { KubeObject } from "@atoll/api/resource";
import { type Clock, formatTime } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client } from "../client/client.ts";
import { hasReason } from "../object/api-error.ts";
import type { EventRecorder } from "./event-recorder.ts";

/** As upstream's broadcaster: enough for a burst of a thousand pods. */
const QUEUE_LENGTH_MAX = 1000;
/** Series remembered for counting; the oldest is forgotten first. Upstream's cache has the same size. */
const SERIES_MAX = 4096;
/** Per object and source, upstream's spam filter: 25 at once, then one in five minutes. */
const BUDGET_BURST = 25;
const BUDGET_REFILL_MS = 5 * 60_000;
/** The API refuses longer ones. */
const MESSAGE_CHARACTERS_MAX = 1024;

export interface EventInput {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface ApiEventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The host the events come from, for `kubectl describe`. */
  readonly host?: string;
}

interface Series {
  readonly event: Event;
  count: number;
  lastMs: number;
  /** Undefined until the API has it. */
  writtenName: string | undefined;
  isQueued: boolean;
}

export class ApiEventRecorder {
  readonly #options: ApiEventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #budgets = new Map<string, { tokens: number; refilledMs: number }>();
  #queue: Series[] = [];
  #wake: (() => void) | undefined;
  #dropped = 0;

  constructor(options: ApiEventRecorderOptions) {
    this.#options = options;
  }

  /** Events given up since the start, for metrics. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A recorder whose events come from `component`. */
  for(component: string): EventRecorder {
    return { record: (object, event) => this.#record(component, object, event) };
  }

  /** Writes until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake?.();
    signal.addEventListener("abort", wake, { once: true });
    while (!signal.aborted) {
      const batch = this.#queue;
      this.#queue = [];
      for (const series of batch) {
        series.isQueued = false;
        await this.#write(series, signal);
        if (signal.aborted) return;
      }
      if (this.#queue.length === 0) await new Promise<void>((resolve) => this.#sleepUntilWoken(resolve, signal));
    }
    signal.removeEventListener("abort", wake);
  }

  #sleepUntilWoken(resolve: () => void, signal: AbortSignal): void {
    this.#wake = resolve;
    if (signal.aborted) resolve();
  }

  #record(component: string, object: KubeObject, input: EventInput): void {
    const nowMs = this.#options.clock.now();
    const { kind = "", metadata } = object;
    const key = [component, kind, metadata.uid, metadata.name, input.type, input.reason, input.message].join("\u0000");
    if (!this.#spend([component, kind, metadata.uid ?? metadata.name].join("\u0000"), nowMs)) {
      this.#dropped++;
      return;
    }
    const series = this.#series.get(key) ?? this.#begin(component, object, input, nowMs);
    // Written again at the end of the map: the first key is then the one unused for longest.
    this.#series.delete(key);
    this.#series.set(key, series);
    for (const oldest of this.#series.keys()) {
      if (this.#series.size <= SERIES_MAX) break;
      this.#series.delete(oldest);
    }
    series.count++;
    series.lastMs = nowMs;
    if (series.isQueued) return;
    if (this.#queue.length >= QUEUE_LENGTH_MAX) {
      this.#dropped++;
      return;
    }
    series.isQueued = true;
    this.#queue.push(series);
    this.#wake?.();
  }

  #spend(budgetKey: string, nowMs: number): boolean {
    let budget = this.#budgets.get(budgetKey);
    if (!budget) {
      budget = { tokens: BUDGET_BURST, refilledMs: nowMs };
      this.#budgets.set(budgetKey, budget);
      for (const oldest of this.#budgets.keys()) {
        if (this.#budgets.size <= SERIES_MAX) break;
        this.#budgets.delete(oldest);
      }
    }
    const refill = Math.floor((nowMs - budget.refilledMs) / BUDGET_REFILL_MS);
    if (refill > 0) {
      budget.tokens = Math.min(BUDGET_BURST, budget.tokens + refill);
      budget.refilledMs += refill * BUDGET_REFILL_MS;
    }
    if (budget.tokens === 0) return false;
    budget.tokens--;
    return true;
  }

  #begin(component: string, object: KubeObject, input: EventInput, nowMs: number): Series {
    const { apiVersion, kind, metadata } = object;
    const { random, host } = this.#options;
    const suffix = Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const namespace = metadata.namespace ?? "default";
    const event: Event = {
      metadata: { name: `${(metadata.name ?? "").slice(0, 236)}.${suffix}`, namespace },
      involvedObject: {
        ...(apiVersion === undefined ? {} : { apiVersion }),
        ...(kind === undefined ? {} : { kind }),
        ...(metadata.name === undefined ? {} : { name: metadata.name }),
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
        ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      },
      type: input.type,
      reason: input.reason,
      message: input.message.slice(0, MESSAGE_CHARACTERS_MAX),
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? "",
      firstTimestamp: formatTime(nowMs),
    };
    return { event, count: 0, lastMs: nowMs, writtenName: undefined, isQueued: false };
  }

  async #write(series: Series, signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const counted = { count: series.count, lastTimestamp: formatTime(series.lastMs) };
    const { namespace } = series.event.metadata;
    try {
      if (series.writtenName !== undefined) {
        try {
          await client.patch(
            Event,
            { name: series.writtenName, namespace },
            { type: "merge", body: counted },
            { signal },
          );
          return;
        } catch (thrown) {
          // Events expire: a series that goes on after that begins anew.
          if (!hasReason(thrown, "NotFound")) throw thrown;
        }
      }
      const created = await client.create(Event, { ...series.event, ...counted }, { signal });
      series.writtenName = created.metadata.name;
    } catch (thrown) {
      if (signal.aborted) return;
      this.#dropped++;
      // Forbidden: the namespace is being deleted; NotFound: it is gone. Both are usual for the last events of its objects.
      const isUsual = hasReason(thrown, "Forbidden") || hasReason(thrown, "NotFound");
      if (!isUsual) log.info("Event could not be written", { reason: series.event.reason, error: toError(thrown) });
    }
  }
}
