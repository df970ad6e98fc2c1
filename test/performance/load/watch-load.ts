// One writer, many watchers: how late each event comes, and what the server's processes used for all of it.

import { setTimeout as sleep } from "node:timers/promises";
import { configMap } from "./bodies.ts";
import type { Connection } from "./connection.ts";
import { cpuMsOf } from "./processes.ts";
import { type Latency, latencyOf } from "./request-load.ts";

const OBJECTS = 16;
const SETTLE_MS = 500;
const LATE_MS = 10_000;
const MARK = '"load/sequence":"#';

export interface WatchLoad {
  readonly namespace: string;
  readonly prefix: string;
  readonly watchers: number;
  readonly perSecond: number;
  readonly count: number;
}

export interface WatchResult {
  /** From the answer to the write to the event's arrival; an event may come before the answer. */
  readonly latency: Latency;
  readonly cpuMsPerWrite: number;
}

/** Throws when an event does not come. */
export async function runWatch(connection: Connection, load: WatchLoad, pids: readonly number[]): Promise<WatchResult> {
  const { namespace, prefix, watchers, perSecond, count } = load;
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const nameOf = (sequence: number) => `${prefix}-${sequence % OBJECTS}`;
  const write = async (sequence: number) => {
    const name = nameOf(sequence);
    const answer = await connection.call("PUT", `${path}/${name}`, { body: configMap(name, sequence) });
    if (answer.status >= 300) throw new Error(`Update of ${name} was answered ${answer.status}`);
  };
  for (let index = 0; index < OBJECTS; index++) {
    await connection.call("POST", path, { body: configMap(nameOf(index)) });
  }
  const listed = await connection.call("GET", `${path}?limit=1`, { wantsText: true });
  const version = JSON.parse(listed.text).metadata.resourceVersion;
  const arrivals: number[][] = Array.from({ length: count }, () => []);
  let seen = 0;
  const open = () => {
    let tail = "";
    return connection.stream(`${path}?watch=1&resourceVersion=${version}&timeoutSeconds=600`, (chunk) => {
      const now = performance.now();
      const lines = (tail + chunk.toString("latin1")).split("\n");
      tail = lines.pop() ?? "";
      for (const line of lines) {
        const arrived = arrivals[sequenceIn(line)];
        if (!arrived) continue;
        arrived.push(now);
        seen++;
      }
    });
  };
  using streams = new DisposableStack();
  for (const stream of await Promise.all(Array.from({ length: watchers }, open))) streams.use(stream);
  await sleep(SETTLE_MS);
  const answered: number[] = [];
  const cpuBefore = cpuMsOf(pids);
  const started = performance.now();
  for (let sequence = 0; sequence < count; sequence++) {
    const early = started + (sequence * 1000) / perSecond - performance.now();
    if (early > 0) await sleep(early);
    await write(sequence);
    answered.push(performance.now());
  }
  const deadline = performance.now() + LATE_MS;
  while (seen < count * watchers) {
    if (performance.now() > deadline) throw new Error(`${seen} of ${count * watchers} events came`);
    await sleep(20);
  }
  const cpuMsPerWrite = (cpuMsOf(pids) - cpuBefore) / count;
  const latenessMs = arrivals.flatMap((times, sequence) => times.map((time) => time - (answered[sequence] ?? 0)));
  return { latency: latencyOf(latenessMs), cpuMsPerWrite };
}

function sequenceIn(line: string): number {
  const start = line.indexOf(MARK);
  return start < 0 ? -1 : Number.parseInt(line.slice(start + MARK.length), 10);
}
