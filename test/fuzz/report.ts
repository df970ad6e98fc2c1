// The table at the end of a run, and the findings with examples in a file.

import { mebibytes, type TargetResult } from "./fuzz-run.ts";

const COLUMNS: readonly { readonly title: string; readonly of: (result: TargetResult) => string }[] = [
  { title: "target", of: ({ name }) => name },
  { title: "inputs", of: ({ inputs }) => String(inputs) },
  { title: "answers", of: ({ answers }) => sortedAnswers(answers) },
  { title: "findings", of: ({ findings }) => String(findings.count) },
  { title: "longest turn, CPU/wall ms", of: ({ longestTurn }) => pair(longestTurn.cpuMs, longestTurn.wallMs) },
  { title: "other client p99/max ms", of: ({ other }) => pair(other.p99Ms, other.maxMs) },
  { title: "late/not the machine's", of: ({ other }) => `${other.late}/${other.unexplained} of ${other.count}` },
  { title: "heap MiB", of: ({ memory }) => memory.map(({ heapBytes }) => rounded(heapBytes)).join(" ") },
  { title: "buffers MiB", of: ({ memory }) => memory.map(({ bufferBytes }) => rounded(bufferBytes)).join(" ") },
  { title: "RSS MiB", of: ({ memory }) => `${rounded(memory[0]?.rssBytes)} ${rounded(memory.at(-1)?.rssBytes)}` },
  { title: "growth", of: ({ growthBytes }) => mebibytes(growthBytes) },
  { title: "CPU ms/input", of: ({ cpuMsPerInput }) => cpuMsPerInput.toFixed(2) },
  { title: "seconds", of: ({ seconds }) => seconds.toFixed(0) },
];

/** A table for Markdown. */
export function formatTable(results: readonly TargetResult[]): string {
  const rows = [COLUMNS.map(({ title }) => title), ...results.map((result) => COLUMNS.map(({ of }) => of(result)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

export function formatFindings(results: readonly Pick<TargetResult, "name" | "findings">[], seed: number): string {
  const lines = results.flatMap(({ name, findings }) => [
    `${name}: ${findings.count} findings`,
    ...findings.describe(name, seed),
    "",
  ]);
  return `${lines.join("\n")}\n`;
}

function sortedAnswers(answers: TargetResult["answers"]): string {
  return Object.entries(answers)
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([name, count]) => `${name}: ${count}`)
    .join(", ");
}

function pair(left: number, right: number): string {
  return `${left.toFixed(0)}/${right.toFixed(0)}`;
}

function rounded(bytes = 0): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
