// The results as `junit_01.xml`, the file that Kubernetes' conformance program asks for beside `e2e.log`. Upstream's runner writes
// one a run; ours is of all sets and of resumed runs together.

import type { TestResult } from "./results.ts";

const SUITE = "Kubernetes e2e suite";

export function formatJunit(results: readonly TestResult[]): string {
  const sorted = [...results].sort((a, b) => (a.name < b.name ? -1 : 1));
  const count = (state: TestResult["state"]) => sorted.filter((result) => result.state === state).length;
  const seconds = sorted.reduce((sum, result) => sum + (result.seconds ?? 0), 0).toFixed(1);
  const counts = `tests="${sorted.length}" failures="${count("failed")}" errors="0" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${SUITE}" ${counts} skipped="${count("skipped")}">`,
    ...sorted.map(formatCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function formatCase({ name, state, seconds = 0, reason = "" }: TestResult): string {
  const head = `    <testcase name="[It] ${escapeXml(name)}" classname="${SUITE}" status="${state}" time="${seconds}"`;
  if (state === "passed") return `${head}></testcase>`;
  const element = state === "failed" ? "failure" : "skipped";
  return `${head}><${element} message="${escapeXml(reason)}"></${element}></testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
  return (
    text
      .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold, in any form
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "�")
  );
}
