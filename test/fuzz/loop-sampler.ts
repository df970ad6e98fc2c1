// Preloaded into the server under test (`node --import`): says how long one turn of its event loop takes, and what memory it
// holds. A turn is measured by the thread's own CPU time too, which does not grow when the machine gives it to others.

import { createServer } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/** Beside what the server does, too little to see. */
const TICK_MS = 5;
/** Turns from here on are remembered each by itself. */
const SLOW_TURN_MS = 25;
/** No more are kept between two questions. */
const SLOW_TURNS_MAX = 1000;

export interface Turn {
  /** Since the epoch. */
  readonly endedAtMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Sample {
  readonly slowTurns: readonly Turn[];
  /** Of the whole process, since its start. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Live objects; after a collection where one was asked for. */
  readonly heapBytes: number;
  /** Live bytes outside of V8's heap: what a cache holds of objects, as they are sent. Likewise. */
  readonly bufferBytes: number;
  /** Open handles by kind, such as TLSWrap. */
  readonly resources: Readonly<Record<string, number>>;
}

let slowTurns: Turn[] = [];
let lastMs = performance.now();
let lastCpu = process.threadCpuUsage();

function endTurn(): void {
  const nowMs = performance.now();
  const cpu = process.threadCpuUsage();
  const wallMs = nowMs - lastMs;
  const cpuMs = (cpu.user - lastCpu.user + cpu.system - lastCpu.system) / 1000;
  [lastMs, lastCpu] = [nowMs, cpu];
  if (Math.max(wallMs - TICK_MS, cpuMs) < SLOW_TURN_MS || slowTurns.length >= SLOW_TURNS_MAX) return;
  slowTurns.push({ endedAtMs: performance.timeOrigin + nowMs, wallMs, cpuMs });
}

function sample(): Sample {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const turns = slowTurns;
  slowTurns = [];
  return {
    slowTurns: turns,
    cpuMs: (user + system) / 1000,
    rssBytes: rss,
    heapBytes: heapUsed,
    bufferBytes: external,
    resources,
  };
}

function start(socketPath: string): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void; // what the flag adds to a new context
  setInterval(endTurn, TICK_MS).unref();
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (command) => {
      if (command.toString().trim() === "collect") {
        endTurn();
        collect();
        // A collection on demand is no turn of the server's.
        [lastMs, lastCpu] = [performance.now(), process.threadCpuUsage()];
      }
      socket.write(`${JSON.stringify(sample())}\n`);
    });
    socket.unref();
  });
  server.listen(socketPath).unref();
}

// Threads of the server load what it loads; one of them can be asked.
if (isMainThread && process.env.ATOLL_FUZZ_SOCKET !== undefined) start(process.env.ATOLL_FUZZ_SOCKET);
