// The conformance tests of Kubernetes 1.36 and what each of them needs, as data: `tests.tsv` has one row a test. The classes are a
// reading of the tests' sources; a test in the wrong class is mended there.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * "api": the API server and controllers, pods may stay pending. "pods": pods that run. "network": traffic between pods, services,
 * DNS and the API server. "exempt": cannot pass where pods have no host to share (host network, host path, host and node ports).
 */
export const TEST_CLASSES = ["api", "pods", "network", "exempt"] as const;
export type TestClass = (typeof TEST_CLASSES)[number];

export interface ConformanceTest {
  /** As the suite prints it, tags included. */
  readonly name: string;
  readonly sig: string;
  /** In upstream's repository. */
  readonly file: string;
  readonly class: TestClass;
  readonly note: string;
}

const COLUMNS = ["name", "sig", "file", "class", "note"];

export function parseTestTable(text: string): ConformanceTest[] {
  const [head = "", ...rows] = text.replace(/\n$/, "").split("\n");
  if (head !== COLUMNS.join("\t")) throw new Error(`The table's columns are "${head}", not "${COLUMNS.join(" ")}"`);
  const seen = new Set<string>();
  return rows.map((row, index) => {
    const [name = "", sig = "", file = "", given = "", note = ""] = row.split("\t");
    const testClass = TEST_CLASSES.find((known) => known === given);
    if (!testClass) throw new Error(`Row ${index + 2} of the table has no known class: "${given}"`);
    if (seen.has(name)) throw new Error(`Row ${index + 2} of the table names "${name}" again`);
    seen.add(name);
    return { name, sig, file, class: testClass, note };
  });
}

export function readTestTable(): ConformanceTest[] {
  return parseTestTable(readFileSync(join(import.meta.dirname, "tests.tsv"), "utf8"));
}
