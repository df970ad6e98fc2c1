// Runs the tests that need an etcd, which they start themselves: all `*.etcd-test.ts` that stand beside their code. The
// program is the first "etcd" of PATH.
//
//   node tools/run-etcd-tests.ts [path part ...]

import { spawnSync } from "node:child_process";
import { repositoryRoot, sourceFiles } from "./source-files.ts";

/** A test that hangs is ended, so that the others are still heard. */
const TEST_TIMEOUT_MS = 120_000;

const wanted = process.argv.slice(2);
const files = sourceFiles([".etcd-test.ts"]).filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) {
  console.error(`No test on etcd matches ${wanted.join(" ")}`);
  process.exit(2);
}
const flags = ["--test", `--test-timeout=${TEST_TIMEOUT_MS}`, "--test-reporter=dot"];
const result = spawnSync(process.execPath, [...flags, ...files], { cwd: repositoryRoot(), stdio: "inherit" });
console.log(`etcd: ${files.length} files ${result.status === 0 ? "passed" : "FAILED"}`);
process.exit(result.status ?? 1);
