// How long admission took: all of it, each step, each webhook; and how often a webhook said no or could not be asked.

import {
  type CounterFamily,
  type Histogram,
  type HistogramFamily,
  keepSeries,
  type Labels,
  type MetricsRegistry,
} from "@atoll/base/metrics";

/** Upstream's, in seconds. */
const STEP_BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const WEBHOOK_BUCKETS = [...STEP_BUCKETS, 10, 25];

/** A webhook chooses its code itself: above this, all are one. */
const CODE_MAX = 600;

/** What changes the request, and what only checks it. */
export type AdmissionType = "admit" | "validate";
/** Upstream has another word for the second where it counts webhooks. */
export type WebhookType = "admit" | "validating";

export type WebhookFault = "calling_webhook_error" | "apiserver_internal_error" | "no_error";

export interface WebhookPassing {
  /** The webhook's own. */
  readonly name: string;
  readonly type: WebhookType;
  readonly operation: string;
  /** HTTP status; 0 where this server is to blame. */
  readonly code: number;
  /** Why the request went no further; undefined: it did. */
  readonly rejectedFor: WebhookFault | undefined;
  /** The webhook could not be asked, and may be missed. */
  readonly isMissed: boolean;
  readonly seconds: number;
}

/** Of one step, or of all. */
export class StepDurations {
  readonly #passed: (operation: string) => Histogram;
  readonly #rejected: (operation: string) => Histogram;

  constructor(family: HistogramFamily, labels: Labels) {
    this.#passed = keepSeries((operation) => family.of({ ...labels, operation, rejected: "false" }));
    this.#rejected = keepSeries((operation) => family.of({ ...labels, operation, rejected: "true" }));
  }

  observe(operation: string, isRejected: boolean, seconds: number): void {
    const seriesOf = isRejected ? this.#rejected : this.#passed;
    seriesOf(operation).observe(seconds);
  }
}

export class AdmissionMetrics {
  readonly #all: HistogramFamily;
  readonly #steps: HistogramFamily;
  readonly #webhooks: HistogramFamily;
  readonly #requests: CounterFamily;
  readonly #rejections: CounterFamily;
  readonly #missed: CounterFamily;

  constructor(registry: MetricsRegistry) {
    const prefix = "apiserver_admission";
    this.#all = registry.histogram(
      `${prefix}_step_admission_duration_seconds`,
      "How long all changing or all checking steps of admission took, by type, operation and whether one refused.",
      STEP_BUCKETS,
    );
    this.#steps = registry.histogram(
      `${prefix}_controller_admission_duration_seconds`,
      "How long a step of admission took, by its name, type, operation and whether it refused.",
      STEP_BUCKETS,
    );
    this.#webhooks = registry.histogram(
      `${prefix}_webhook_admission_duration_seconds`,
      "How long a webhook took, by its name, type, operation and whether the request was refused for it.",
      WEBHOOK_BUCKETS,
    );
    this.#requests = registry.counter(
      `${prefix}_webhook_request_total`,
      "Requests that a webhook was asked about, by its name, type, operation, code and whether it was refused.",
    );
    this.#rejections = registry.counter(
      `${prefix}_webhook_rejection_count`,
      "Requests that went no further for a webhook, by its name, type, operation, sort of error and code.",
    );
    this.#missed = registry.counter(
      `${prefix}_webhook_fail_open_count`,
      "Requests that went on although a webhook could not be asked, by its name and type.",
    );
  }

  all(type: AdmissionType): StepDurations {
    return new StepDurations(this.#all, { type });
  }

  step(name: string, type: AdmissionType): StepDurations {
    return new StepDurations(this.#steps, { name, type });
  }

  webhookPassed({ name, type, operation, code, rejectedFor, isMissed, seconds }: WebhookPassing): void {
    const shownCode = String(Math.min(code, CODE_MAX));
    const rejected = String(rejectedFor !== undefined);
    this.#requests.of({ name, type, operation, code: shownCode, rejected }).add();
    this.#webhooks.of({ name, type, operation, rejected }).observe(seconds);
    if (rejectedFor !== undefined) {
      this.#rejections.of({ name, type, operation, error_type: rejectedFor, rejection_code: shownCode }).add();
    }
    if (isMissed) this.#missed.of({ name, type }).add();
  }
}
