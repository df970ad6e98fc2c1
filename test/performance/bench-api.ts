// Atoll's API server and controllers beside upstream's, in one run, step by step in turn: `npm run bench:api`. Absolute numbers
// are those of the machine; the ratios are the promises of SPECIFICATION.md.
//
// With `--warm`, so many ConfigMaps and as many Pods are made before anything is measured. An engine that compiles while it runs
// is dearer at first; a server's first minute counts, and so does its day.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureUpstream } from "../conformance/upstream-programs.ts";
import { readArguments } from "../harness/read-arguments.ts";
import type { UpstreamPrograms } from "../harness/upstream-control-plane.ts";
import { type Side, type SideOptions, startAtoll, startUpstreamSide } from "./api-sides.ts";
import { Comparison } from "./comparison.ts";
import { type Connection, openConnection, type Protocol } from "./load/connection.ts";
import { runTask, TASKS } from "./load/controller-load.ts";
import { memoryMibOf } from "./load/processes.ts";
import { type RequestKind, runRequests } from "./load/request-load.ts";
import { runWatch } from "./load/watch-load.ts";

const PARTS = ["start", "memory", "requests", "watch", "controllers"] as const;
type Part = (typeof PARTS)[number];

/** Objects of each kind at scale 1: the state in which memory is promised and 10,000 objects are listed. */
const CONFIG_MAPS = 10_000;
const PODS = 5_000;
const CONCURRENCY = 16;
const IDLE_MS = 20_000;

/** Of Atoll's figure to upstream's. */
const GOALS = {
  start: 0.3,
  memory: 0.5,
  request: { create: 0.3, pods: 0.3, get: 0.15, update: 0.3, status: 0.25, patch: 0.3, list: 0.2, delete: 0.3 },
  watchCpu: 0.3,
  watchLatency: 1,
  task: 0.5,
} as const;

const { values } = readArguments({
  usage: "npm run bench:api -- [options]",
  about: "Measures Atoll's API server and controllers beside upstream's, step by step in turn.",
  options: {
    scale: { type: "string", value: "N", default: "1", help: "of 10,000 ConfigMaps and 5,000 Pods" },
    rounds: { type: "string", value: "N", default: "3", help: "of each measurement; the median is compared" },
    warm: { type: "string", value: "N", default: "0", help: "ConfigMaps and Pods that are made before" },
    only: { type: "string", value: "PARTS", default: PARTS.join(","), help: "what is measured" },
    cache: { type: "string", value: "DIR", default: "/var/cache/atoll", help: "where programs are kept" },
  },
});

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error(`Stopped by ${name}`)));
const comparison = new Comparison((line) => console.log(line));
const scale = Number(values.scale);
const rounds = Number(values.rounds);
const warm = Number(values.warm);
const only = values.only.split(",");
for (const part of only)
  if (!PARTS.some((known) => known === part)) throw new Error(`--only knows ${PARTS.join(", ")}, not "${part}"`);
const isWanted = (part: Part) => only.includes(part);
const programs = (
  await ensureUpstream(["kube-apiserver", "kube-controller-manager"], {
    cacheDirectory: values.cache,
    jobs: undefined,
    note: (text) => console.log(text),
    signal: stop.signal,
  })
).paths;
const directory = await mkdtemp(join(tmpdir(), "bench-api-"));
try {
  if (isWanted("start")) await compareStarts();
  if (isWanted("memory") || isWanted("requests") || isWanted("watch")) await compareRequests();
  if (isWanted("controllers")) await compareControllers();
  console.log(`\n${comparison.summary()}`);
  process.exitCode = comparison.missed === 0 ? 0 : 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}

type Starter = (options: SideOptions) => Promise<Side>;

function starters(): readonly [Starter, Starter] {
  return [startAtoll, (options) => startUpstreamSide(programs satisfies UpstreamPrograms, options)];
}

/** Both sides at once would wait for each other; each is started alone, on the data of the start before. */
async function compareStarts(): Promise<void> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [index, start] of starters().entries()) {
      await using side = await start({
        directory: join(directory, `start-${index}`),
        withControllers: false,
        signal: stop.signal,
      });
      // The first start makes what the others find.
      if (round > 0) times[index]?.push(side.startMs);
    }
  }
  comparison.add({ what: "start to ready, ms", atoll: times[0], upstream: times[1], goal: GOALS.start });
}

interface OpenSide {
  readonly side: Side;
  readonly connections: Readonly<Record<Protocol, Connection>>;
}

async function openSides(
  stack: AsyncDisposableStack,
  name: string,
  withControllers: boolean,
): Promise<readonly [OpenSide, OpenSide]> {
  const open = async (start: Starter, index: number): Promise<OpenSide> => {
    const side = stack.use(
      await start({ directory: join(directory, `${name}-${index}`), withControllers, signal: stop.signal }),
    );
    const connect = (protocol: Protocol) => stack.use(openConnection(side, protocol, CONCURRENCY));
    return { side, connections: { h1: connect("h1"), h2: connect("h2") } };
  };
  const [startOurs, startTheirs] = starters();
  return [await open(startOurs, 0), await open(startTheirs, 1)];
}

async function compareRequests(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const sides = await openSides(stack, "requests", false);
  await sleep(IDLE_MS, undefined, { signal: stop.signal });
  if (isWanted("memory")) compareMemory("idle", sides);
  for (const { connections } of sides) await makeNamespace(connections.h1, "load");
  const [configMaps, pods] = [Math.round(CONFIG_MAPS * scale), Math.round(PODS * scale)];
  const common = { concurrency: CONCURRENCY, namespace: "load" };
  const measure = async (
    kind: RequestKind,
    load: { count: number; objects: number; prefix: string; concurrency?: number },
  ) => {
    const cpu: [number[], number[]] = [[], []];
    const late: [number[], number[]] = [[], []];
    const isNew = kind === "create" || kind === "pods";
    // Of a server that has not worked yet there is one first time.
    const isRepeated = isNew ? warm > 0 : kind !== "delete";
    for (let round = 0; round < (isRepeated ? rounds : 1); round++) {
      for (const [index, { side, connections }] of sides.entries()) {
        const prefix = isNew && round > 0 ? `${load.prefix}${round}` : load.prefix;
        const result = await runRequests(connections.h1, { ...common, ...load, prefix, kind }, side.pids);
        cpu[index]?.push(result.cpuMsPerRequest);
        late[index]?.push(result.latency.p99Ms);
      }
    }
    const goal = GOALS.request[kind];
    comparison.add({ what: `${kind}: server CPU, ms each`, atoll: cpu[0], upstream: cpu[1], goal });
    comparison.add({ what: `${kind}: p99, ms`, atoll: late[0], upstream: late[1], goal: undefined });
  };
  for (const kind of ["create", "pods"] as const) {
    const load = { ...common, kind, count: warm, objects: warm, prefix: "warm" };
    if (warm > 0) for (const { side, connections } of sides) await runRequests(connections.h1, load, side.pids);
  }
  await measure("create", { count: configMaps, objects: configMaps, prefix: "c" });
  await measure("pods", { count: pods, objects: pods, prefix: "p" });
  await sleep(IDLE_MS, undefined, { signal: stop.signal });
  if (isWanted("memory")) compareMemory(`${configMaps} ConfigMaps and ${pods} Pods`, sides);
  if (isWanted("requests")) {
    const some = Math.round(CONFIG_MAPS * scale * 0.3);
    await measure("get", { count: some * 3, objects: configMaps, prefix: "c" });
    await measure("update", { count: some, objects: configMaps, prefix: "c" });
    await measure("patch", { count: some, objects: configMaps, prefix: "c" });
    await measure("status", { count: some, objects: pods, prefix: "p" });
    await measure("list", { count: 10, objects: configMaps, prefix: "c", concurrency: 1 });
    await measure("delete", { count: some, objects: configMaps, prefix: "c" });
  }
  if (isWanted("watch")) await compareWatches(sides);
}

async function compareWatches(sides: readonly [OpenSide, OpenSide]): Promise<void> {
  for (const { connections } of sides) await makeNamespace(connections.h1, "watched");
  for (const protocol of ["h1", "h2"] as const) {
    const cpu: [number[], number[]] = [[], []];
    const late: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [index, { side, connections }] of sides.entries()) {
        const load = {
          namespace: "watched",
          prefix: `w-${protocol}-${round}`,
          watchers: 100,
          perSecond: 200,
          count: Math.round(1000 * scale),
        };
        const { latency, cpuMsPerWrite } = await runWatch(connections[protocol], load, side.pids);
        cpu[index]?.push(cpuMsPerWrite);
        late[index]?.push(latency.p99Ms);
      }
    }
    const what = `watch by 100 over ${protocol === "h1" ? "HTTP/1.1" : "HTTP/2"}`;
    comparison.add({ what: `${what}: server CPU, ms a write`, atoll: cpu[0], upstream: cpu[1], goal: GOALS.watchCpu });
    comparison.add({
      what: `${what}: p99 from the answer, ms`,
      atoll: late[0],
      upstream: late[1],
      goal: GOALS.watchLatency,
    });
  }
}

async function compareControllers(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const sides = await openSides(stack, "controllers", true);
  for (const task of TASKS) {
    const seconds: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [index, { side, connections }] of sides.entries()) {
        const done = await runTask(connections.h1, task, `${task}-${round}`).catch((cause: unknown) => {
          throw new Error(`${side.name} did not finish its ${task}`, { cause });
        });
        seconds[index]?.push(done.seconds);
      }
    }
    comparison.add({ what: `controllers, ${task}: s`, atoll: seconds[0], upstream: seconds[1], goal: GOALS.task });
  }
}

function compareMemory(what: string, [ours, theirs]: readonly [OpenSide, OpenSide]): void {
  const atoll = [memoryMibOf(ours.side.pids)];
  comparison.add({
    what: `memory, ${what}: MiB`,
    atoll,
    upstream: [memoryMibOf(theirs.side.pids)],
    goal: GOALS.memory,
  });
}

/** Without controllers nobody makes the account that pods need. */
async function makeNamespace(connection: Connection, name: string): Promise<void> {
  const send = async (path: string, object: object) => {
    const { status } = await connection.call("POST", path, { body: JSON.stringify(object) });
    if (status >= 300 && status !== 409) throw new Error(`POST ${path}: ${status}`);
  };
  await send("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
  await send(`/api/v1/namespaces/${name}/serviceaccounts`, account);
}
