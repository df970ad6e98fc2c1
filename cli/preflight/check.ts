/** What a pre-flight check found. A failed check stops `up`; a warning is shown and remembered. */
export type CheckResult =
  | { readonly status: "passed"; readonly detail: string }
  | { readonly status: "warning" | "failed"; readonly cause: string; readonly remedy: string };

/** One thing that must hold before anything is changed on the machine. */
export interface Check {
  readonly name: string;
  run(signal: AbortSignal): Promise<CheckResult>;
}

export interface CheckReport {
  readonly name: string;
  readonly result: CheckResult;
}

/** Runs all checks, in order, also after one failed: a user wants the whole list at once. */
export async function runChecks(checks: readonly Check[], signal: AbortSignal): Promise<CheckReport[]> {
  const reports: CheckReport[] = [];
  for (const { name, run } of checks) reports.push({ name, result: await run(signal) });
  return reports;
}

export function failedChecks(reports: readonly CheckReport[]): readonly CheckReport[] {
  return reports.filter((report) => report.result.status === "failed");
}

/** One line a check, cause and remedy below where there is one. */
export function formatReports(reports: readonly CheckReport[]): string {
  const marks = { passed: "ok  ", warning: "warn", failed: "FAIL" };
  return reports
    .map(({ name, result }) =>
      result.status === "passed"
        ? `${marks.passed}  ${name}: ${result.detail}`
        : `${marks[result.status]}  ${name}: ${result.cause}\n      remedy: ${result.remedy}`,
    )
    .join("\n");
}
