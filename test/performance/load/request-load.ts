// Many requests of one sort, some at a time: how long each took, and what the server's processes used for them.

import { configMap, pod, podStatus } from "./bodies.ts";
import type { Answer, Connection } from "./connection.ts";
import { cpuMsOf } from "./processes.ts";

export const REQUESTS = ["create", "pods", "get", "update", "status", "patch", "list", "delete"] as const;
export type RequestKind = (typeof REQUESTS)[number];

export interface RequestLoad {
  readonly kind: RequestKind;
  readonly count: number;
  readonly concurrency: number;
  readonly namespace: string;
  /** Objects are called `<prefix>-0` and so on. */
  readonly prefix: string;
  /** How many of them there are, for those requests that pick one. */
  readonly objects: number;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface RequestResult {
  readonly seconds: number;
  readonly perSecond: number;
  readonly latency: Latency;
  readonly cpuMsPerRequest: number;
  readonly bytes: number;
}

/** Throws at the first answer that is no success: a failed request costs next to nothing. */
export async function runRequests(
  connection: Connection,
  load: RequestLoad,
  pids: readonly number[],
): Promise<RequestResult> {
  const { count, concurrency, kind } = load;
  const send = sender(connection, load);
  const timesMs: number[] = [];
  let [next, bytes] = [0, 0];
  const cpuBefore = cpuMsOf(pids);
  const started = performance.now();
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const sent = performance.now();
      const answer = await send(index);
      timesMs.push(performance.now() - sent);
      bytes += answer.bytes;
      if (answer.status >= 300) throw new Error(`${kind} ${index} was answered ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - started) / 1000;
  const cpuMsPerRequest = (cpuMsOf(pids) - cpuBefore) / count;
  return { seconds, perSecond: count / seconds, latency: latencyOf(timesMs), cpuMsPerRequest, bytes };
}

export function latencyOf(timesMs: readonly number[]): Latency {
  const sorted = Float64Array.from(timesMs).sort();
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

function sender(connection: Connection, load: RequestLoad): (index: number) => Promise<Answer> {
  const { namespace, prefix, objects } = load;
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const nameOf = (index: number) => `${prefix}-${index}`;
  const pick = picker(objects);
  switch (load.kind) {
    case "create":
      return (index) => connection.call("POST", configMaps, { body: configMap(nameOf(index)) });
    case "pods":
      return (index) => connection.call("POST", pods, { body: pod(nameOf(index)) });
    case "get":
      return () => connection.call("GET", `${configMaps}/${nameOf(pick())}`);
    case "update":
      return (index) => {
        const name = nameOf(pick());
        return connection.call("PUT", `${configMaps}/${name}`, { body: configMap(name, index) });
      };
    case "status":
      return (index) => {
        const name = nameOf(pick());
        return connection.call("PUT", `${pods}/${name}/status`, { body: podStatus(name, index) });
      };
    case "patch":
      return (index) => {
        const body = JSON.stringify({ metadata: { annotations: { "load/sequence": `#${index}#` } } });
        const contentType = "application/merge-patch+json";
        return connection.call("PATCH", `${configMaps}/${nameOf(pick())}`, { body, contentType });
      };
    case "list":
      return () => connection.call("GET", configMaps);
    case "delete":
      return (index) => connection.call("DELETE", `${configMaps}/${nameOf(index)}`);
  }
}

/** The same order in every run: a linear congruential generator. */
function picker(objects: number): () => number {
  let state = 12_345;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % objects;
  };
}
