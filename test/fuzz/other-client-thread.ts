// The thread of `OtherClient`.

import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { openConnection } from "../performance/load/connection.ts";
import { LATE_MS, type LateAnswer, type Latencies, type OtherClientOptions } from "./latencies.ts";

const INTERVAL_MS = 20;
const TICK_MS = 5;
const FAILURES_MAX = 20;

const { url, token, path } = workerData as OtherClientOptions; // what OtherClient gives
const connection = openConnection({ url, token }, "h1", 2);
let [latencies, late, failures]: [number[], LateAnswer[], string[]] = [[], [], []];
/** When this thread's own timer came late, and by how much. */
let delays: { readonly atMs: number; readonly delayMs: number }[] = [];

const now = () => performance.timeOrigin + performance.now();
let lastTickMs = now();
setInterval(() => {
  const atMs = now();
  const delayMs = atMs - lastTickMs - TICK_MS;
  lastTickMs = atMs;
  if (delayMs > TICK_MS) delays.push({ atMs, delayMs });
  delays = delays.slice(-1000);
}, TICK_MS);

async function ask(what: LateAnswer["what"], send: () => Promise<{ status: number; text: string }>): Promise<void> {
  const startedAtMs = now();
  const answer = await send().catch((error: Error) => ({ status: 0, text: error.message }));
  const endedAtMs = now();
  latencies.push(endedAtMs - startedAtMs);
  if (answer.status !== 200 && failures.length < FAILURES_MAX)
    failures.push(`${what}: ${answer.status} ${answer.text}`);
  if (endedAtMs - startedAtMs <= LATE_MS) return;
  const own = delays.filter(({ atMs }) => atMs >= startedAtMs && atMs <= endedAtMs + TICK_MS);
  late.push({ what, startedAtMs, endedAtMs, ownDelayMs: Math.max(0, ...own.map(({ delayMs }) => delayMs)) });
}

async function readAndWrite(): Promise<never> {
  const [namespace, name] = [path.split("/").at(-3), path.split("/").at(-1)];
  for (let number = 0; ; number++) {
    const next = sleep(INTERVAL_MS);
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace },
      data: { number: `${number}` },
    };
    await Promise.all([
      ask("get", () => connection.call("GET", path, { wantsText: true })),
      ask("write", () => connection.call("PUT", path, { body: JSON.stringify(object), wantsText: true })),
    ]);
    await next;
  }
}

parentPort?.on("message", () => {
  const sorted = latencies.toSorted((left, right) => left - right);
  const seen: Latencies = {
    count: sorted.length,
    maxMs: sorted.at(-1) ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    late,
    failures,
  };
  [latencies, late, failures] = [[], [], []];
  parentPort?.postMessage(seen);
});
await readAndWrite();
