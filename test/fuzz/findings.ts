// What broke a promise, sorted by what it is: a fault that a thousand inputs show is one fault with a few examples.

export interface Finding {
  /** What the same faults have in common. */
  readonly sort: string;
  readonly detail: string;
  /** Undefined where no one input can be blamed. */
  readonly index: number | undefined;
  readonly sent: string;
}

interface Sort {
  count: number;
  readonly examples: Finding[];
}

const EXAMPLES_MAX = 3;
const SENT_LENGTH_MAX = 2000;
const SORT_LENGTH_MAX = 160;

export class Findings {
  readonly #sorts = new Map<string, Sort>();

  add(finding: Finding): void {
    // Names and numbers differ from input to input, the fault does not.
    const key = finding.sort.replaceAll(/\d+/g, "0").slice(0, SORT_LENGTH_MAX);
    const sort = this.#sorts.get(key) ?? { count: 0, examples: [] };
    this.#sorts.set(key, sort);
    sort.count += 1;
    if (sort.examples.length < EXAMPLES_MAX) sort.examples.push(finding);
  }

  get count(): number {
    return [...this.#sorts.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** Most frequent first. */
  describe(target: string, seed: number): string[] {
    const sorted = [...this.#sorts].sort(([, left], [, right]) => right.count - left.count);
    return sorted.flatMap(([sort, { count, examples }]) => [
      `${count} × ${sort}`,
      ...examples.flatMap(({ index, detail, sent }) => [
        `  ${detail}`,
        ...(index === undefined ? [] : [`  again: --targets ${target} --seed ${seed} --only ${index}`]),
        ...(sent === "" ? [] : [`  sent: ${shorten(sent)}`]),
      ]),
    ]);
  }
}

function shorten(whole: string): string {
  const text = whole.replace(/Bearer ey[\w.-]+/, "Bearer (of the administrator)");
  const shown = JSON.stringify(text.slice(0, SENT_LENGTH_MAX));
  return text.length > SENT_LENGTH_MAX ? `${shown} and ${text.length - SENT_LENGTH_MAX} more characters` : shown;
}
