// Figures of two sides with their ratio, one line each as they come, and what became of the goals.

export interface ComparedFigure {
  readonly what: string;
  /** One sample a round; the medians are compared. */
  readonly atoll: readonly number[];
  readonly upstream: readonly number[];
  /** The largest ratio of Atoll's figure to upstream's that keeps the promise; undefined: there is none. */
  readonly goal: number | undefined;
}

const WIDTHS = [58, 26, 26, 8, 8] as const;

export class Comparison {
  readonly #print: (line: string) => void;
  #kept = 0;
  #missed: string[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
    print(row(["figure (min / median / max)", "Atoll", "upstream", "ratio", "goal"]));
  }

  get missed(): number {
    return this.#missed.length;
  }

  add({ what, atoll, upstream, goal }: ComparedFigure): void {
    const ratio = ratioOf(median(atoll), median(upstream));
    const verdict = goal === undefined ? "" : ratio <= goal ? `≤ ${goal}` : `≤ ${goal} !`;
    this.#print(row([what, spread(atoll), spread(upstream), ratio.toFixed(2), verdict]));
    if (goal === undefined) return;
    if (ratio <= goal) this.#kept += 1;
    else this.#missed.push(`${what}: ${ratio.toFixed(2)} instead of ${goal}`);
  }

  summary(): string {
    const missed = this.#missed.length === 0 ? "" : `; missed:\n  ${this.#missed.join("\n  ")}`;
    return `${this.#kept} of ${this.#kept + this.#missed.length} goals reached${missed}`;
  }
}

/** A latency below zero (an event before its answer) is as good as none: the ratio of such figures says nothing. */
function ratioOf(atoll: number, upstream: number): number {
  if (atoll <= 0) return 0;
  return upstream <= 0 ? Number.POSITIVE_INFINITY : atoll / upstream;
}

export function median(samples: readonly number[]): number {
  return samples.toSorted((left, right) => left - right)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

function spread(samples: readonly number[]): string {
  const sorted = samples.toSorted((left, right) => left - right);
  const shown = sorted.length < 3 ? sorted : [sorted[0], median(sorted), sorted.at(-1)];
  return shown.map((value) => (value ?? Number.NaN).toPrecision(3)).join(" / ");
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index] ?? 8)))
    .join(" ");
}
