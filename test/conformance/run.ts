// Runs Kubernetes' conformance tests; `atoll conformance` starts it. Without --kubeconfig, on a Supervisor of its own, as root.
//
//   node test/conformance/run.ts [--class C] [--focus REGEX] [--third] [--kubeconfig FILE] [--output DIR] [--procs N] [--resume]
//                                [--content-type json|protobuf] [--jobs N] [--cache DIR]

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInOwnNamespaces } from "../harness/own-namespaces.ts";
import { formatJunit } from "./junit.ts";
import { startOwnSupervisor } from "./own-supervisor.ts";
import { Results } from "./results.ts";
import { parseRunOptions, type RunOptions, UsageError } from "./run-options.ts";
import { selectTests, testSets } from "./selection.ts";
import { runSet, type SuiteTarget } from "./suite-run.ts";
import { type Summary, summarize } from "./summary.ts";
import { type ConformanceTest, readTestTable } from "./test-table.ts";
import { ensureUpstream } from "./upstream-programs.ts";

const args = process.argv.slice(2);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

try {
  process.exitCode = await run(parseRunOptions(args), stop.signal);
} catch (error) {
  console.error(error instanceof UsageError || stop.signal.aborted ? String(error) : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run(options: RunOptions, signal: AbortSignal): Promise<number> {
  const selected = selectTests(readTestTable(), options);
  if (selected.length === 0) throw new UsageError(`No test of class "${options.class}" matches "${options.focus}"`);
  const upstream = await ensureUpstream(["e2e.test", "ginkgo", "kubectl"], {
    cacheDirectory: options.cacheDirectory,
    jobs: options.buildJobs,
    note: (text) => console.log(text),
    signal,
  });
  mkdirSync(options.outputDirectory, { recursive: true });
  if (options.kubeconfig === undefined && !options.inside) {
    const again = [process.execPath, import.meta.filename, "--inside", ...args, "--output", options.outputDirectory];
    return runInOwnNamespaces(again, { cacheDirectory: options.cacheDirectory, keepState: false });
  }
  const file = (name: string) => join(options.outputDirectory, name);
  const identity = {
    class: options.class,
    focus: options.focus ?? "",
    isThird: options.isThird,
    contentType: options.contentType,
    suite: upstream.key,
    cluster: options.kubeconfig ?? "own",
  };
  const results = new Results(file("results.jsonl"), identity, options);
  if (!options.resume) for (const name of ["e2e.log", "supervisor.log"]) rmSync(file(name), { force: true });
  await using ending = new AsyncDisposableStack();
  const own = options.kubeconfig === undefined ? ending.use(await startOwn(file("supervisor.log"), signal)) : undefined;
  // A Supervisor that ends takes the run with it.
  const broken = new AbortController();
  own?.failed.catch((error: unknown) => broken.abort(error));
  const target: SuiteTarget = {
    kubeconfig: own?.kubeconfig ?? options.kubeconfig ?? "",
    contentType: options.contentType,
    hasHosts: own === undefined,
  };
  const runOptions = { ...options, programs: upstream.paths, target, signal: AbortSignal.any([signal, broken.signal]) };
  const suiteFailures = await runSets(selected, results, runOptions);
  if (broken.signal.aborted) suiteFailures.push(String(broken.signal.reason));
  const summary = summarize({ selected, resultOf: (name) => results.of(name), suiteFailures });
  writeFileSync(file("junit_01.xml"), formatJunit(results.all));
  writeFileSync(file("summary.txt"), summary.text);
  console.log(`\n${summary.text}\nResults are in ${options.outputDirectory}`);
  return exitCode(summary, selected, results);
}

function startOwn(logFile: string, signal: AbortSignal) {
  const stateDirectory = process.env.ATOLL_E2E_STATE_DIR;
  if (!stateDirectory) throw new UsageError("--inside is for this program's own use");
  return startOwnSupervisor({ stateDirectory, logFile, signal });
}

type SetsOptions = RunOptions & Omit<Parameters<typeof runSet>[1], "onEnded">;

/** Runs what has no result yet; returns what kept the suite itself from running. */
async function runSets(
  selected: readonly ConformanceTest[],
  results: Results,
  options: SetsOptions,
): Promise<string[]> {
  const remaining = selected.filter(({ name }) => results.of(name) === undefined);
  if (remaining.length < selected.length)
    console.log(`${selected.length - remaining.length} tests have a result already`);
  const suiteFailures: string[] = [];
  let ended = selected.length - remaining.length;
  for (const set of testSets(remaining, options.processes)) {
    if (options.signal.aborted) break;
    console.log(`${set.name}: ${set.tests.length} tests in ${set.processes} processes`);
    const names = new Set(set.tests.map(({ name }) => name));
    const report = await runSet(set, {
      ...options,
      onEnded(test) {
        if (!names.has(test.name)) return;
        ended++;
        console.log(`[${ended}/${selected.length}] ${test.state}  ${test.name}`);
        results.add(test);
      },
    });
    for (const result of report.results) results.add(result);
    suiteFailures.push(...report.suiteFailures.filter((reason) => reason !== ""));
  }
  return suiteFailures;
}

/** 0: all passed. 1: some failed. 3: some have not run, and "--resume" goes on. */
function exitCode(summary: Summary, selected: readonly ConformanceTest[], results: Results): number {
  if (selected.some(({ name }) => results.of(name) === undefined)) return 3;
  return summary.isGood ? 0 : 1;
}
