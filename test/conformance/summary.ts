// What a run found, for people: how many of each class, and why each that failed did.

import type { TestResult } from "./results.ts";
import { type ConformanceTest, TEST_CLASSES } from "./test-table.ts";

export interface SummaryInput {
  readonly selected: readonly ConformanceTest[];
  readonly resultOf: (name: string) => TestResult | undefined;
  /** What kept the suite from running. */
  readonly suiteFailures: readonly string[];
}

export interface Summary {
  readonly text: string;
  /** Every selected test passed or skipped itself. */
  readonly isGood: boolean;
}

type Outcome = TestResult["state"] | "not run";
const OUTCOMES: readonly Outcome[] = ["passed", "failed", "skipped", "not run"];

export function summarize({ selected, resultOf, suiteFailures }: SummaryInput): Summary {
  const outcomeOf = ({ name }: ConformanceTest): Outcome => resultOf(name)?.state ?? "not run";
  const countOf = (tests: readonly ConformanceTest[]) =>
    OUTCOMES.map((outcome) => [outcome, tests.filter((test) => outcomeOf(test) === outcome).length] as const);
  const line = (title: string, tests: readonly ConformanceTest[]) => {
    const counts = countOf(tests).map(([outcome, count]) => `${count} ${outcome}`);
    return `${title}: ${counts.join(", ")}, of ${tests.length}`;
  };
  const classes = TEST_CLASSES.map((name) => ({ name, tests: selected.filter((test) => test.class === name) })).filter(
    ({ tests }) => tests.length > 0,
  );
  const lines = classes.map(({ name, tests }) => line(name, tests));
  if (classes.length > 1) lines.push(line("all", selected));
  for (const reason of suiteFailures) lines.push("", `The suite itself failed: ${reason}`);
  for (const outcome of ["failed", "skipped", "not run"] as const) {
    const tests = selected.filter((test) => outcomeOf(test) === outcome);
    if (tests.length === 0) continue;
    lines.push("", `${outcome}:`);
    for (const test of tests) {
      lines.push(`  ${test.name}`);
      const reason = resultOf(test.name)?.reason;
      if (reason) lines.push(`    ${reason}`);
    }
  }
  const isGood = suiteFailures.length === 0 && selected.every((test) => /^(passed|skipped)$/.test(outcomeOf(test)));
  return { text: `${lines.join("\n")}\n`, isGood };
}
