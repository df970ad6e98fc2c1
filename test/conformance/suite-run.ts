// Runs one set of tests with upstream's own programs, and hears how each ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { focusOn, type TestSet } from "./selection.ts";
import { type EndedTest, SuiteOutput } from "./suite-output.ts";
import { readSuiteReport, type SuiteReport } from "./suite-report.ts";

export const CONTENT_TYPES = { json: "application/json", protobuf: "application/vnd.kubernetes.protobuf" } as const;
export type ContentType = keyof typeof CONTENT_TYPES;

export interface SuitePrograms {
  readonly ginkgo: string;
  readonly "e2e.test": string;
  readonly kubectl: string;
}

export interface SuiteTarget {
  readonly kubeconfig: string;
  readonly contentType: ContentType;
  /** The cluster's Nodes are objects only: the suite must wait for none, and look into none. */
  readonly hasHosts: boolean;
}

export interface SuiteRunOptions {
  readonly programs: SuitePrograms;
  readonly target: SuiteTarget;
  /** Gets the suite's output, `e2e.log`, which grows set by set. */
  readonly outputDirectory: string;
  readonly onEnded: (test: EndedTest) => void;
  readonly signal: AbortSignal;
}

/** The slowest set takes minutes; a suite that hangs is ended, and says where it was. */
const SET_TIMEOUT = "4h";
/** An interrupted suite first cleans up after the tests that run. */
const CLEAN_UP_MS = 60_000;

/** The suite's flags behind its runner's. */
export function suiteFlags(target: SuiteTarget, kubectl: string): string[] {
  // Upstream's defaults, but for a cluster whose nodes nobody stands behind.
  const withoutHosts = ["--num-nodes=0", "--allowed-not-ready-nodes=-1", "--minStartupPods=0"];
  return [
    "--provider=skeleton",
    `--kubeconfig=${target.kubeconfig}`,
    `--kubectl-path=${kubectl}`,
    `--kube-api-content-type=${CONTENT_TYPES[target.contentType]}`,
    "--disable-log-dump",
    "--dump-logs-on-failure=false",
    ...(target.hasHosts ? [] : withoutHosts),
  ];
}

/** Returns what the runner reported; no results if it was interrupted before it could. */
export async function runSet(set: TestSet, options: SuiteRunOptions): Promise<SuiteReport> {
  const { programs, target, outputDirectory, signal } = options;
  signal.throwIfAborted();
  const scratch = mkdtempSync(join(tmpdir(), "atoll-conformance-"));
  const log = openSync(join(outputDirectory, "e2e.log"), "a");
  try {
    const runner = ["-v", "--no-color", "--silence-skips", `--procs=${set.processes}`, `--timeout=${SET_TIMEOUT}`];
    const report = ["--json-report=report.json", `--output-dir=${scratch}`];
    const child = spawn(
      programs.ginkgo,
      [
        ...runner,
        ...report,
        `--focus=${focusOn(set.tests)}`,
        programs["e2e.test"],
        "--",
        ...suiteFlags(target, programs.kubectl),
      ],
      {
        cwd: scratch,
        stdio: ["ignore", "pipe", log],
        // A group of its own: a Ctrl-C reaches it once, from here, since the second one would end its cleaning up.
        detached: true,
        // kubectl keeps a cache in its home; programs it calls are found beside it.
        env: { HOME: scratch, PATH: `${dirname(programs.kubectl)}:${process.env.PATH ?? ""}` },
      },
    );
    let killTimer: NodeJS.Timeout | undefined;
    const killGroup = (name: NodeJS.Signals) => {
      // Without an id it was never started, and after its exit its processes are gone.
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, name);
    };
    const onAbort = () => {
      killGroup("SIGINT");
      killTimer = setTimeout(() => killGroup("SIGKILL"), CLEAN_UP_MS);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const output = new SuiteOutput();
    const hear = async () => {
      for await (const line of child.stdout === null ? [] : createInterface({ input: child.stdout })) {
        writeSync(log, `${line}\n`);
        const ended = output.read(line);
        if (ended) options.onEnded(ended);
      }
    };
    try {
      await Promise.all([once(child, "close"), hear()]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(killTimer);
    }
    const file = join(scratch, "report.json");
    if (existsSync(file))
      return readSuiteReport(readFileSync(file, "utf8"), new Set(set.tests.map((test) => test.name)));
    return { results: [], suiteFailures: ["The suite ended without a report, see e2e.log"] };
  } finally {
    closeSync(log);
    rmSync(scratch, { recursive: true, force: true });
  }
}
