// Calls to the store, whichever it is: dashboards know them by etcd's name.

import {
  type Counter,
  type CounterFamily,
  type Histogram,
  type HistogramFamily,
  keepSeries,
  type MetricsRegistry,
} from "@atoll/base/metrics";
import { DURATION_BUCKETS } from "./request-metrics.ts";

/** "list": of a past state; what is there now is read from memory. */
export type StoreOperation = "create" | "update" | "delete" | "list";

interface Series {
  readonly requests: Counter;
  readonly duration: Histogram;
  /** A series only once there is an error. */
  countError(): void;
}

/** Of one kind. */
export class StoreSeries {
  readonly #seriesOf: (operation: StoreOperation) => Series;

  constructor(make: (operation: StoreOperation) => Series) {
    this.#seriesOf = keepSeries(make);
  }

  count(operation: StoreOperation, isFailed: boolean, seconds: number): void {
    const series = this.#seriesOf(operation);
    series.requests.add();
    if (isFailed) series.countError();
    series.duration.observe(seconds);
  }
}

export class StoreMetrics {
  readonly #requests: CounterFamily;
  readonly #errors: CounterFamily;
  readonly #duration: HistogramFamily;

  constructor(registry: MetricsRegistry) {
    this.#requests = registry.counter("etcd_requests_total", "Calls to the store, by operation, group and resource.");
    this.#errors = registry.counter(
      "etcd_request_errors_total",
      "Calls to the store that failed, by operation, group and resource.",
    );
    this.#duration = registry.histogram(
      "etcd_request_duration_seconds",
      "How long calls to the store took, by operation, group and resource.",
      DURATION_BUCKETS,
    );
  }

  of({ group, plural }: { readonly group: string; readonly plural: string }): StoreSeries {
    return new StoreSeries((operation) => {
      const labels = { operation, group, resource: plural };
      return {
        requests: this.#requests.of(labels),
        duration: this.#duration.of(labels),
        countError: () => this.#errors.of(labels).add(),
      };
    });
  }
}
