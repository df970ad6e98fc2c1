// Metrics in Prometheus' text format: counters and histograms that are counted as things happen, gauges that are asked for
// when somebody reads. A series is looked up by its labels' values once and kept by whoever counts.

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(amount?: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

export interface GaugeValue {
  readonly labels: Labels;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly lines: () => string[] | Promise<string[]>;
}

/** A family of series with the same names of labels. */
export interface CounterFamily {
  of(labels: Labels): Counter;
}

export interface HistogramFamily {
  of(labels: Labels): Histogram;
}

/** More series than this in one family tell nobody anything; what is beyond is counted in none. */
const SERIES_MAX = 20_000;

/**
 * What is counted of each value of a label: made when the value is first asked for, then kept, so that whoever counts often writes
 * no labels. What is made for a value must be the same series every time: beyond the limit it is made anew.
 */
export function keepSeries<Value extends string, Series>(make: (value: Value) => Series): (value: Value) => Series {
  const kept = new Map<Value, Series>();
  return (value) => {
    let series = kept.get(value);
    if (series === undefined) {
      series = make(value);
      if (kept.size < SERIES_MAX) kept.set(value, series);
    }
    return series;
  };
}

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export class MetricsRegistry {
  readonly #families: Family[] = [];

  counter(name: string, help: string): CounterFamily {
    const series = new Map<string, { value: number }>();
    const lines = () => [...series].map(([labels, { value }]) => `${name}${labels} ${value}`);
    this.#families.push({ name, help, type: "counter", lines });
    return {
      of(labels) {
        const found = seriesOf(series, labels, () => ({ value: 0 }));
        return {
          add(amount = 1) {
            found.value += amount;
          },
        };
      },
    };
  }

  histogram(name: string, help: string, buckets: readonly number[]): HistogramFamily {
    const series = new Map<string, HistogramSeries>();
    const lines = () => [...series].flatMap(([labels, found]) => found.lines(name, labels));
    this.#families.push({ name, help, type: "histogram", lines });
    return { of: (labels) => seriesOf(series, labels, () => new HistogramSeries(buckets)) };
  }

  /** Asked whenever the metrics are read; what rejects fails the reading of all. */
  gauge(
    name: string,
    help: string,
    read: () => readonly GaugeValue[] | Promise<readonly GaugeValue[]>,
    type: "gauge" | "counter" = "gauge",
  ): void {
    const lines = async () => (await read()).map(({ labels, value }) => `${name}${formatLabels(labels)} ${value}`);
    this.#families.push({ name, help, type, lines });
  }

  /** All of them, by name. */
  async render(): Promise<string> {
    const families = this.#families.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const written = await Promise.all(families.map(async (family) => ({ ...family, lines: await family.lines() })));
    return written
      .flatMap(({ name, help, type, lines }) =>
        lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines],
      )
      .map((line) => `${line}\n`)
      .join("");
  }
}

class HistogramSeries implements Histogram {
  readonly #buckets: readonly number[];
  /** Each with what is beyond the bucket before it. */
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets;
    this.#counts = buckets.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const index = this.#buckets.findIndex((limit) => value <= limit);
    if (index >= 0) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  lines(name: string, labels: string): string[] {
    const start = labels === "" ? "{" : `${labels.slice(0, -1)},`;
    let sum = 0;
    const buckets = this.#buckets.map((limit, index) => {
      sum += this.#counts[index] ?? 0;
      return `${name}_bucket${start}le="${limit}"} ${sum}`;
    });
    return [
      ...buckets,
      `${name}_bucket${start}le="+Inf"} ${this.#count}`,
      `${name}_sum${labels} ${this.#sum}`,
      `${name}_count${labels} ${this.#count}`,
    ];
  }
}

function seriesOf<T>(series: Map<string, T>, labels: Labels, make: () => T): T {
  const key = formatLabels(labels);
  let found = series.get(key);
  if (!found) {
    found = make();
    if (series.size < SERIES_MAX) series.set(key, found);
  }
  return found;
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
