// The results of a run, in a file that grows by a line as each test ends, so that a run that was interrupted goes on where it was.
// The last line of a name counts.

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface TestResult {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly seconds?: number;
  /** Why it failed or was skipped, in the suite's words. */
  readonly reason?: string;
}

/** What a run is about. Results of one are not results of another. */
export interface RunIdentity {
  readonly class: string;
  readonly focus: string;
  readonly isThird: boolean;
  readonly contentType: string;
  /** Of the programs that the suite was built as. */
  readonly suite: string;
  /** The cluster under test: a kubeconfig's path, or "own". */
  readonly cluster: string;
}

export class Results {
  readonly #file: string;
  readonly #byName = new Map<string, TestResult>();

  /** Starts anew, or with `resume` goes on with what the file holds. Throws if that is a run about something else. */
  constructor(file: string, identity: RunIdentity, options: { readonly resume: boolean }) {
    this.#file = file;
    const asked = JSON.stringify(identity);
    if (options.resume && existsSync(file)) {
      const { head, results } = parseResults(readFileSync(file, "utf8"));
      if (head !== asked) throw new Error(`Cannot resume: "${file}" is of a run with ${head}, not ${asked}`);
      for (const result of results) this.#byName.set(result.name, result);
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, [asked, ...this.all.map((result) => JSON.stringify(result)), ""].join("\n"));
  }

  add(result: TestResult): void {
    this.#byName.set(result.name, result);
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`);
  }

  of(name: string): TestResult | undefined {
    return this.#byName.get(name);
  }

  get all(): readonly TestResult[] {
    return [...this.#byName.values()];
  }
}

/** A line that was cut off by the end of a machine is no result. */
export function parseResults(text: string): { readonly head: string; readonly results: TestResult[] } {
  const [head = "", ...lines] = text.split("\n");
  const results: TestResult[] = [];
  // Whatever follows the last line end is a line that was not finished.
  for (const line of lines.slice(0, -1)) {
    // We wrote these lines ourselves, whole.
    results.push(JSON.parse(line) as TestResult);
  }
  return { head, results };
}
