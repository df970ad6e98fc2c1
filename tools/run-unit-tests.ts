// Runs every unit test of the house with node:test: all `*.test.ts` that stand beside their code. Tests that need root, a
// microVM or a network are `*.root-test.ts` or live in `test/`, and have commands of their own.
//
//   node tools/run-unit-tests.ts [path part ...]

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { repositoryRoot, sourceFiles } from "./source-files.ts";

const LOG = ".build/unit-tests.log";
/** A file that hangs is ended, so that the others are still heard. */
const FILE_TIMEOUT_MS = 120_000;

const root = repositoryRoot();
const wanted = process.argv.slice(2);
const files = sourceFiles([".test.ts"]).filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) {
  console.error(`No unit test matches ${wanted.join(" ")}`);
  process.exit(2);
}
mkdirSync(join(root, ".build"), { recursive: true });
const started = Date.now();
const result = spawnSync(
  process.execPath,
  [
    "--test",
    // Node would leave one CPU to its runner, which needs next to none; and some tests wait, for a disk or a child.
    `--test-concurrency=${availableParallelism() + 1}`,
    `--test-timeout=${FILE_TIMEOUT_MS}`,
    "--test-reporter=dot",
    "--test-reporter-destination=stdout",
    "--test-reporter=spec",
    `--test-reporter-destination=${LOG}`,
    ...files,
  ],
  { cwd: root, stdio: "inherit" },
);
/** The last of the reporter's counts: a test may print some of its own. */
const count = (what: string) =>
  [...readFileSync(join(root, LOG), "utf8").matchAll(new RegExp(`^ℹ ${what} (\\d+)$`, "gm"))].at(-1)?.[1] ?? "?";
const seconds = ((Date.now() - started) / 1000).toFixed(1);
console.log(
  `unit: ${count("pass")} of ${count("tests")} tests passed, ${files.length} files, ${seconds} s, details in ${LOG}`,
);
process.exit(result.status ?? 1);
