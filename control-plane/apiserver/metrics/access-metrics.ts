// Who was let in, and how long the question took: one count for each request.

import {
  type Counter,
  type CounterFamily,
  type Histogram,
  type HistogramFamily,
  keepSeries,
  type MetricsRegistry,
} from "@atoll/base/metrics";

/** Upstream's, in seconds. */
const BUCKETS = Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index);

/** Upstream's, in seconds: nothing, half an hour to a day, days, a week, months, a year. */
const CERTIFICATE_BUCKETS = [
  0, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 2_592_000, 7_776_000, 15_552_000, 31_104_000,
];

interface Series {
  readonly attempts: Counter;
  readonly duration: Histogram;
}

export type AuthenticationResult = "success" | "failure";
export type AuthorizationResult = "allowed" | "denied" | "no-opinion";

export class AccessMetrics {
  readonly #authentication: ByResult<AuthenticationResult>;
  readonly #authorization: ByResult<AuthorizationResult>;
  readonly #certificates: Histogram;

  constructor(registry: MetricsRegistry) {
    this.#authentication = new ByResult(
      registry.counter("authentication_attempts", "Requests whose sender was asked for, by result."),
      registry.histogram("authentication_duration_seconds", "How long it took to know a sender, by result.", BUCKETS),
    );
    this.#authorization = new ByResult(
      registry.counter("authorization_attempts_total", "Requests that somebody decided on, by result."),
      registry.histogram("authorization_duration_seconds", "How long a decision took, by result.", BUCKETS),
    );
    const name = "apiserver_client_certificate_expiration_seconds";
    const help = "How long the certificates are still good that requests came with.";
    this.#certificates = registry.histogram(name, help, CERTIFICATE_BUCKETS).of({});
  }

  authenticated(result: AuthenticationResult, seconds: number): void {
    this.#authentication.observe(result, seconds);
  }

  certificateShown(secondsLeft: number): void {
    this.#certificates.observe(secondsLeft);
  }

  authorized(result: AuthorizationResult, seconds: number): void {
    this.#authorization.observe(result, seconds);
  }
}

class ByResult<Result extends string> {
  readonly #seriesOf: (result: Result) => Series;

  constructor(attempts: CounterFamily, duration: HistogramFamily) {
    this.#seriesOf = keepSeries((result) => ({ attempts: attempts.of({ result }), duration: duration.of({ result }) }));
  }

  observe(result: Result, seconds: number): void {
    const { attempts, duration } = this.#seriesOf(result);
    attempts.add();
    duration.observe(seconds);
  }
}
