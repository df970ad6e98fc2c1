// Adds up what scripts report.

import type { ClientReport } from "./client-run.ts";
import type { ScriptReport } from "./run-script.ts";

export class ScriptReports {
  readonly #summary: string[] = [];
  readonly #failures: string[] = [];
  readonly #known = new Map<string, number>();

  /** `name` says whose they are. */
  add(name: string, reports: readonly ScriptReport[]): void {
    const sum = (of: (report: ScriptReport) => number) => reports.reduce((total, report) => total + of(report), 0);
    const failures = reports.flatMap((report) => report.failures.map((text) => `${name} ${text}`));
    this.#failures.push(...failures);
    for (const report of reports) {
      for (const [because, count] of report.known) this.#known.set(because, (this.#known.get(because) ?? 0) + count);
    }
    this.#summary.push(
      `${name}: ${sum(({ lines }) => lines)} lines, ${sum(({ compared }) => compared)} compared with upstream, ${failures.length} failed or differ`,
    );
  }

  finish(): ClientReport {
    const known = [...this.#known].map(([because, count]) => `${count} lines of output differ as meant: ${because}`);
    return { summary: [...this.#summary, ...known], failures: this.#failures };
  }
}
