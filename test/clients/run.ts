// Clients that nobody here wrote, against Atoll's API server and, where a comparison says most, against upstream's: `npm run clients`.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { KUBECTL_MINORS } from "./client-programs.ts";
import type { ClientRun, ClientRunOptions } from "./client-run.ts";
import { runHelm } from "./helm/run-helm.ts";
import { runGo } from "./go/run-go.ts";
import { runCalls } from "./node/run-calls.ts";
import { runNode } from "./node/run-node.ts";
import { readArguments } from "../harness/read-arguments.ts";
import { runKubectl } from "./kubectl/run-kubectl.ts";

const CLIENT_RUNS: Readonly<Record<string, ClientRun>> = {
  kubectl: runKubectl,
  helm: runHelm,
  calls: runCalls,
  node: runNode,
  go: runGo,
};

const { values } = readArguments({
  usage: "npm run clients -- [options]",
  about: "Runs clients that nobody here wrote against Atoll's API server and against upstream's.",
  options: {
    only: { type: "string", value: "NAMES", help: `some of ${Object.keys(CLIENT_RUNS).join(",")}` },
    kubectl: { type: "string", value: "MINORS", help: `some of ${KUBECTL_MINORS.join(",")}` },
    "without-upstream": {
      type: "boolean",
      default: false,
      help: "compares with nothing: only what is expected of each line is checked",
    },
    rounds: {
      type: "string",
      value: "N",
      default: "5",
      help: "kills of the Supervisor under each program of informers",
    },
    seed: { type: "string", value: "N", default: "1", help: "of manifests and of what writers do" },
    report: { type: "string", value: "FILE", default: ".build/clients.txt", help: "everything that failed" },
    keep: { type: "boolean", default: false, help: "leaves the servers' data and logs in place" },
    cache: { type: "string", value: "DIR", default: "/var/cache/atoll", help: "where programs are kept" },
  },
});

process.exitCode = await run();

/** 0: everything is as it should be; 1: something is not; 2: nothing was run. */
async function run(): Promise<number> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => stop.abort(new Error(`Stopped by ${name}`)));
  const minors = KUBECTL_MINORS.filter((minor) => !values.kubectl || values.kubectl.split(",").includes(minor));
  const chosen = Object.entries(CLIENT_RUNS).filter(([name]) => !values.only || values.only.split(",").includes(name));
  if (minors.length === 0 || chosen.length === 0) {
    console.error(`Nothing is called "${values.only ?? ""}" or "${values.kubectl ?? ""}"; --help shows what is`);
    return 2;
  }
  const directory = await mkdtemp(join(tmpdir(), "clients-"));
  const options: ClientRunOptions = {
    ...{ directory, minors, cacheDirectory: values.cache, signal: stop.signal },
    ...{ rounds: Number(values.rounds), seed: Number(values.seed), hasUpstream: !values["without-upstream"] },
    note: (text) => console.log(text),
  };
  const failures: string[] = [];
  try {
    for (const [name, client] of chosen) failures.push(...(await runOne(name, client, options)));
  } finally {
    if (values.keep) console.log(`Data and logs are in ${directory}`);
    else await rm(directory, { recursive: true, force: true });
  }
  await mkdir(dirname(values.report), { recursive: true });
  await writeFile(values.report, failures.map((text) => `${text}\n\n`).join(""));
  console.log(
    failures.length === 0
      ? "clients: all as it should be"
      : `clients: ${failures.length} failures, see ${values.report}`,
  );
  return failures.length === 0 ? 0 : 1;
}

async function runOne(name: string, client: ClientRun, options: ClientRunOptions): Promise<readonly string[]> {
  const started = performance.now();
  const { summary, failures } = await client(options);
  const seconds = Math.round((performance.now() - started) / 1000);
  for (const text of summary) console.log(`${name}: ${text}`);
  console.log(`${name}: ${failures.length} failures, ${seconds} s`);
  return failures;
}
