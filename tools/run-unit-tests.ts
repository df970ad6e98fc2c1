// Runs every unit test of the house with node:test: all `*.test.ts` that stand beside their code. Tests that need root, a
// microVM or a network are `*.root-test.ts` or live in `test/`, and have commands of their own.
//
//   node tools/run-unit-tests.ts [path part ...]

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { repositoryRoot, sourceFiles } from "./source-files.ts";
import { type TestGroup, testGroups } from "./unit-tests/test-groups.ts";

const LOG = ".build/unit-tests.log";
/** What Node has compiled before, by the contents of each file: half of what a process costs. */
const COMPILED = ".build/unit-tests-compiled";
/** All sources are some 1,500 files; each change adds one, and what is old is never taken out. */
const COMPILED_FILES_MAX = 10_000;
/** A process that never ends, although each of its files has a limit of its own. */
const GROUP_TIMEOUT_MS = 300_000;

interface GroupResult {
  readonly group: TestGroup;
  readonly isGood: boolean;
  readonly seconds: number;
  readonly output: string;
  /** Undefined where a test ended the process before it could count. */
  readonly counts: { readonly tests: number; readonly pass: number } | undefined;
}

const root = repositoryRoot();
const wanted = process.argv.slice(2);
const files = sourceFiles([".test.ts"]).filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) {
  console.error(`No unit test matches ${wanted.join(" ")}`);
  process.exit(2);
}
const compiled = join(root, COMPILED);
mkdirSync(compiled, { recursive: true });
if (readdirSync(compiled, { recursive: true }).length > COMPILED_FILES_MAX) rmSync(compiled, { recursive: true });

const started = Date.now();
const waiting = testGroups(files);
const results: GroupResult[] = [];
const runWaiting = async () => {
  for (let group = waiting.shift(); group; group = waiting.shift()) {
    const result = await runGroup(group);
    results.push(result);
    report(result);
  }
};
// One more than there are CPUs: some tests wait, for a disk or a child.
await Promise.all(Array.from({ length: availableParallelism() + 1 }, runWaiting));

writeFileSync(join(root, LOG), results.map(({ group, output }) => `── ${group.name}\n${output}`).join("\n"));
const sum = (what: "tests" | "pass") => results.reduce((sum, { counts }) => sum + (counts?.[what] ?? 0), 0);
const seconds = ((Date.now() - started) / 1000).toFixed(1);
console.log(
  `unit: ${sum("pass")} of ${sum("tests")} tests passed, ${files.length} files, ${seconds} s, details in ${LOG}`,
);
process.exit(results.every(({ isGood }) => isGood) ? 0 : 1);

async function runGroup(group: TestGroup): Promise<GroupResult> {
  const started = Date.now();
  const child = spawn(
    process.execPath,
    ["--test-reporter=spec", "tools/unit-tests/test-group.ts", ...group.files.map((file) => join(root, file))],
    {
      ...{ cwd: root, timeout: GROUP_TIMEOUT_MS, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "pipe"] },
      env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    },
  );
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [status] = await once(child, "close");
  const output = Buffer.concat(chunks).toString();
  const counts = countsIn(output);
  return { group, isGood: status === 0 && !!counts, seconds: (Date.now() - started) / 1000, output, counts };
}

/** Of the reporter's last lines: a test may print some of its own. */
function countsIn(output: string): GroupResult["counts"] {
  const last = (what: string) => [...output.matchAll(new RegExp(`^ℹ ${what} (\\d+)$`, "gm"))].at(-1)?.[1];
  const [tests, pass] = [last("tests"), last("pass")];
  return tests === undefined || pass === undefined ? undefined : { tests: Number(tests), pass: Number(pass) };
}

function report({ group, isGood, seconds, output, counts }: GroupResult): void {
  console.log(`${isGood ? "✔" : "✖"} ${group.name}: ${counts?.tests ?? "?"} tests, ${seconds.toFixed(1)} s`);
  if (isGood) return;
  const failures = output.lastIndexOf("✖ failing tests:");
  console.log(failures < 0 ? `${output}\nThe process ended before it could count its tests` : output.slice(failures));
}
