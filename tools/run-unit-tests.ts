// Runs every unit test of the house with node:test: all `*.test.ts` that stand beside their code. Tests that need root, a
// microVM or a network are `*.root-test.ts` or live in `test/`, and have commands of their own.
//
//   node tools/run-unit-tests.ts [path part ...]

import { spawnSync } from "node:child_process";
import { repositoryRoot, sourceFiles } from "./source-files.ts";

const wanted = process.argv.slice(2);
const files = sourceFiles([".test.ts"]).filter(
  (file) => !file.startsWith("test/") && (wanted.length === 0 || wanted.some((part) => file.includes(part))),
);
if (files.length === 0) {
  console.error(`No unit test matches ${wanted.join(" ")}`);
  process.exit(2);
}
const started = Date.now();
const result = spawnSync(
  process.execPath,
  [
    "--test",
    "--test-reporter=dot",
    "--test-reporter-destination=stdout",
    "--test-reporter=spec",
    "--test-reporter-destination=.build/unit-tests.log",
    ...files,
  ],
  {
    cwd: repositoryRoot(),
    stdio: "inherit",
  },
);
console.log(
  `unit: ${files.length} files, ${((Date.now() - started) / 1000).toFixed(1)} s, details in .build/unit-tests.log`,
);
process.exit(result.status ?? 1);
