// What watchers were sent.

import type { Counter, CounterFamily, Histogram, HistogramFamily, MetricsRegistry } from "@atoll/base/metrics";

/** Upstream's, in bytes: from 1 KiB to 128 KiB. */
const SIZE_BUCKETS = Array.from({ length: 8 }, (_, index) => 1024 * 2 ** index);

/** Of one version of one kind. */
export class WatchSeries {
  readonly #events: Counter;
  readonly #sizes: Histogram;

  constructor(events: Counter, sizes: Histogram) {
    this.#events = events;
    this.#sizes = sizes;
  }

  /** An event is sent, a bookmark or the last word among them. */
  count(bytes: number): void {
    this.#events.add();
    this.#sizes.observe(bytes);
  }
}

export class WatchMetrics {
  readonly #events: CounterFamily;
  readonly #sizes: HistogramFamily;

  constructor(registry: MetricsRegistry) {
    this.#events = registry.counter("apiserver_watch_events_total", "Events sent to watchers, by resource.");
    this.#sizes = registry.histogram(
      "apiserver_watch_events_sizes",
      "Bytes of events sent to watchers, by resource.",
      SIZE_BUCKETS,
    );
  }

  of(resource: { readonly group: string; readonly version: string; readonly plural: string }): WatchSeries {
    const labels = { group: resource.group, version: resource.version, resource: resource.plural };
    return new WatchSeries(this.#events.of(labels), this.#sizes.of(labels));
  }
}
