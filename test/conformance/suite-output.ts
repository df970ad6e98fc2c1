// Hears from the suite's output as each test ends. The suite's own report comes only at its end, which an interrupted run never
// reaches; its messages to a progress URL do not come in parallel runs.

export interface EndedTest {
  readonly name: string;
  readonly state: "passed" | "failed";
}

/** A test's block begins with this line and goes on with its name: "• [0.084 seconds]", "• [FAILED] [0.018 seconds]". */
const BLOCK_START = /^• (?:\[([A-Z]+)\] )?\[[0-9.]+ seconds\]$/;
/** What the runner puts into the name of a test that failed: the step it failed in. */
const STEP = /\[(It|BeforeEach|AfterEach|JustBeforeEach|DeferCleanup \(Each\))\] /;
/** What it puts after the name: the labels. */
const LABELS = / \[[^[\]]*\]$/;

export class SuiteOutput {
  #stateOfNext: EndedTest["state"] | undefined;

  /** Takes the next line of the output; gives the test whose end it tells. */
  read(line: string): EndedTest | undefined {
    const state = this.#stateOfNext;
    const start = BLOCK_START.exec(line);
    this.#stateOfNext = start ? stateOf(start[1]) : undefined;
    if (state === undefined) return undefined;
    return { name: line.replace(STEP, "").replace(LABELS, ""), state };
  }
}

/** Undefined for an end that is no result, such as an interruption. */
function stateOf(word: string | undefined): EndedTest["state"] | undefined {
  if (word === undefined) return "passed";
  return word === "FAILED" || word === "PANICKED" || word === "TIMEDOUT" ? "failed" : undefined;
}
