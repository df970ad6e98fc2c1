// Reads the report that the suite's runner writes at its end.

import { z } from "zod";
import type { TestResult } from "./results.ts";

/** Of the runner's report, what we read. */
const specReport = z.object({
  ContainerHierarchyTexts: z.array(z.string()).nullable(),
  LeafNodeText: z.string(),
  State: z.string(),
  RunTime: z.number(),
  Failure: z.object({ Message: z.string() }).optional(),
});
const suiteReport = z.object({
  SpecialSuiteFailureReasons: z.array(z.string()).nullish(),
  SpecReports: z.array(specReport).nullable(),
});
type SpecReport = z.infer<typeof specReport>;

export interface SuiteReport {
  readonly results: readonly TestResult[];
  /** Why tests did not run, if the suite's own beginning or end failed. */
  readonly suiteFailures: readonly string[];
}

const NANOSECONDS_PER_SECOND = 1e9;
/** A reason is a line of a summary; the log has all of it. */
const REASON_CHARACTERS_MAX = 300;

/** `names`: the tests that were to run. The report also lists the thousands that were not. */
export function readSuiteReport(text: string, names: ReadonlySet<string>): SuiteReport {
  const reports = z.array(suiteReport).parse(JSON.parse(text));
  const results: TestResult[] = [];
  const suiteFailures = new Set(reports.flatMap((report) => report.SpecialSuiteFailureReasons ?? []));
  for (const spec of reports.flatMap((report) => report.SpecReports ?? [])) {
    const name = [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText].join(" ");
    const reason = reasonOf(spec.Failure?.Message ?? "");
    if (!names.has(name)) {
      if (spec.State === "failed" || spec.State === "panicked") suiteFailures.add(reason);
      continue;
    }
    const state = stateOf(spec);
    if (!state) continue;
    const seconds = Math.round(spec.RunTime / (NANOSECONDS_PER_SECOND / 10)) / 10;
    results.push({ name, state, seconds, ...(reason ? { reason } : {}) });
  }
  return { results, suiteFailures: [...suiteFailures] };
}

/** Undefined: the test did not run to an end. */
function stateOf({ State, RunTime }: SpecReport): TestResult["state"] | undefined {
  switch (State) {
    case "passed":
      return "passed";
    case "failed":
    case "panicked":
    case "timedout":
      return "failed";
    case "skipped":
      // A test that skips itself has begun; one that never began was left out because the run ended.
      return RunTime > 0 ? "skipped" : undefined;
    default:
      return undefined;
  }
}

/** One line that says what happened: the first of a message, and where that only announces more, what it announces. */
export function reasonOf(message: string): string {
  const lines = message
    .split("\n")
    .map((line) => line.trim())
    // A dump of a Go value begins with its type and address, and goes on with braces.
    .filter((line) => line !== "" && !/^<.*>:?( \{| nil)?$|^[{}[\],]+$/.test(line));
  let reason = lines.shift() ?? "";
  while (reason.endsWith(":") && lines.length > 0) reason += ` ${lines.shift()}`;
  return reason.length > REASON_CHARACTERS_MAX ? `${reason.slice(0, REASON_CHARACTERS_MAX)}…` : reason;
}
