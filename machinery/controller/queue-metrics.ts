// What is counted of work queues, under the names that every Kubernetes controller has.

import type { Counter, Histogram, MetricsRegistry } from "@atoll/base/metrics";

/** Of one queue. */
export interface QueueSeries {
  /** Keys that wait for a worker; written by the queue. */
  depth: number;
  readonly adds: Counter;
  readonly retries: Counter;
  /** Seconds from the queue to a worker. */
  readonly waits: Histogram;
  /** Seconds that a worker took. */
  readonly work: Histogram;
}

/** Upstream's, in seconds: 10 ns to 1000 s. */
const BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000];

export class QueueMetrics {
  readonly #queues = new Map<string, QueueSeries>();
  readonly #make: (name: string) => QueueSeries;

  constructor(registry: MetricsRegistry) {
    const adds = registry.counter("workqueue_adds_total", "Keys added, by queue.");
    const retries = registry.counter("workqueue_retries_total", "Keys added again after a failure, by queue.");
    const waits = registry.histogram("workqueue_queue_duration_seconds", "How long keys waited, by queue.", BUCKETS);
    const work = registry.histogram("workqueue_work_duration_seconds", "How long keys were worked on.", BUCKETS);
    registry.gauge("workqueue_depth", "Keys that wait, by queue.", () =>
      [...this.#queues].map(([name, { depth }]) => ({ labels: { name }, value: depth })),
    );
    this.#make = (name) => ({
      depth: 0,
      adds: adds.of({ name }),
      retries: retries.of({ name }),
      waits: waits.of({ name }),
      work: work.of({ name }),
    });
  }

  /** The same for the same name: queues that come after one another are one to whoever reads. */
  of(name: string): QueueSeries {
    let series = this.#queues.get(name);
    if (!series) {
      series = this.#make(name);
      this.#queues.set(name, series);
    }
    return series;
  }
}
