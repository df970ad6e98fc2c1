// Sends the inputs of one target on a few connections at a time, while another client works, and measures what the inputs do to
// the server: answers, turns of its event loop, memory.

import { systemClock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { FuzzedServer } from "./fuzzed-server.ts";
import { Findings } from "./findings.ts";
import type { Outcome } from "./answer-reader.ts";
import { type FuzzRequest, HttpLane } from "./http-lane.ts";
import { inputRandom } from "./input-random.ts";
import { faultOf } from "./judge.ts";
import { LogReader } from "./log-faults.ts";
import type { Sample, Turn } from "./loop-sampler.ts";
import type { LateAnswer, Latencies } from "./latencies.ts";
import type { SampledProcess } from "./sampled-process.ts";
import type { Exchange, FuzzTarget, InputContext, OpenTarget } from "./target.ts";

/** Connections with one request each at a time: more would measure how long requests wait for each other. */
export const LANES = 4;
/** No turn of the server's event loop may use more of the processor: all other clients wait for its end. */
export const TURN_CPU_MS_MAX = 100;
/** Live objects after the last input may take so much more than after the first fifth: caches that have a bound still fill. */
export const GROWTH_BYTES_MAX = 8 * 1024 * 1024;
/** And buffers so much more: the history that is kept for watchers, and the store's of the newest events (decision 0253). */
export const BUFFER_GROWTH_BYTES_MAX = (64 + 8) * 1024 * 1024;
/** And the process so much more than its buffers, which also what no object holds must fit into: a native library may leak. */
const RSS_GROWTH_BYTES_MAX = 160 * 1024 * 1024;
/** Of the bytes of an event in it, which are some thousand, what its names and objects take in the heap. */
const HISTORY_HEAP_SHARE = 0.25;

/** Handles that come and go by themselves. */
const HANDLES_MORE_MAX = 4;
const SAMPLE_EVERY_MS = 500;
/** Memory is looked at after each of so many parts of the inputs. */
const PORTIONS = 5;
/** Inputs that ended this shortly before a program did may be what ended it: it may have been dying for a while. */
const DEATH_MS = 20_000;
/** Inputs whose time is remembered, to be blamed for a slow turn. */
const RECENT_MAX = 4000;

export interface TargetResult {
  readonly name: string;
  /** So many were sent: fewer than were asked for where the run was stopped. */
  readonly inputs: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly longestTurn: Pick<Turn, "cpuMs" | "wallMs">;
  readonly other: Pick<Latencies, "count" | "maxMs" | "p99Ms"> & {
    readonly late: number;
    readonly unexplained: number;
  };
  /** Before the first input, and after each portion. */
  readonly memory: readonly Pick<Sample, "heapBytes" | "bufferBytes" | "rssBytes">[];
  readonly growthBytes: number;
  readonly cpuMsPerInput: number;
  readonly seconds: number;
  readonly findings: Findings;
}

export interface RunOptions {
  readonly seed: number;
  readonly inputs: number;
  /** The first one. */
  readonly from: number;
  /** Just this one. */
  readonly only: number | undefined;
  /** Ends the run with what was sent until then. */
  readonly signal: AbortSignal;
  note(text: string): void;
  /** What was found until now, now and then. */
  report(findings: Findings): void;
}

interface SentInput {
  readonly index: number;
  readonly startedAtMs: number;
  endedAtMs: number;
  readonly exchanges: Exchange[];
}

export async function runTarget(target: FuzzTarget, server: FuzzedServer, options: RunOptions): Promise<TargetResult> {
  await using run = new TargetRun(target, server, options);
  return await run.run();
}

class TargetRun implements AsyncDisposable {
  readonly #target: FuzzTarget;
  readonly #server: FuzzedServer;
  readonly #options: RunOptions;
  readonly #stack = new AsyncDisposableStack();
  readonly #findings = new Findings();
  readonly #answers: Record<string, number> = {};
  readonly #recent: SentInput[] = [];
  readonly #slowTurns: Turn[] = [];
  #latencies: Latencies[] = [];
  #processes: readonly SampledProcess[] = [];
  #logs: readonly LogReader[] = [];
  #next = 0;
  #death: Error | undefined;
  #sent = 0;

  constructor(target: FuzzTarget, server: FuzzedServer, options: RunOptions) {
    this.#target = target;
    this.#server = server;
    this.#options = options;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async run(): Promise<TargetResult> {
    const { inputs, from, only, note, report, signal } = this.#options;
    const opened = this.#stack.use(await this.#target.open(this.#server.setup(LANES)));
    const lanes = Array.from({ length: LANES }, () => this.#stack.use(new HttpLane(this.#server.target)));
    this.#processes = [this.#server.process, ...(opened.processes ?? [])];
    this.#logs = [this.#server.logFile, ...(opened.logs ?? [])].map((file) => new LogReader(file));
    await this.#server.other.take();
    const first = await this.#settled();
    const started = performance.now();
    const memory: Sample[] = [first];
    const ends = only === undefined ? portionEnds(from, inputs) : [only + 1];
    this.#next = only ?? from;
    for (const end of ends) {
      await this.#sendUntil(end, opened, lanes);
      if (this.#death) {
        report(this.#findings);
        throw this.#death;
      }
      const sample = await this.#settled();
      memory.push(sample);
      const sent = signal.aborted ? `stopped after ${this.#sent}` : end;
      note(`${this.#target.name}: ${sent} of ${inputs}, ${describeMemory(sample)}, ${this.#findings.count} findings`);
      report(this.#findings);
      if (signal.aborted) break;
    }
    this.#latencies.push(await this.#server.other.take());
    return this.#judge(memory, (performance.now() - started) / 1000);
  }

  async #sendUntil(end: number, opened: OpenTarget, lanes: readonly HttpLane[]): Promise<void> {
    const done = new AbortController();
    const sampling = this.#sampleUntil(done.signal).catch((error: unknown) => this.#die(toError(error)));
    try {
      await Promise.all(lanes.map((lane, laneNumber) => this.#sendOn(lane, { laneNumber, end, opened })));
    } finally {
      done.abort();
      await sampling;
    }
  }

  async #sendOn(
    lane: HttpLane,
    { laneNumber, end, opened }: { readonly laneNumber: number; readonly end: number; readonly opened: OpenTarget },
  ): Promise<void> {
    while (this.#next < end && !this.#death && !this.#options.signal.aborted) {
      const index = this.#next++;
      const input: SentInput = { index, startedAtMs: now(), endedAtMs: Number.POSITIVE_INFINITY, exchanges: [] };
      this.#recent.push(input);
      if (this.#recent.length > RECENT_MAX) this.#recent.splice(0, RECENT_MAX / 2);
      const random = inputRandom(this.#options.seed, this.#target.name, index);
      await opened.send(contextOf(input, { random, laneNumber, lane }));
      input.endedAtMs = now();
      this.#sent++;
      for (const exchange of input.exchanges) this.#count(index, exchange);
    }
  }

  #count(index: number, exchange: Exchange): void {
    const { outcome, sent } = exchange;
    const name = outcome.type === "answer" ? `${Math.floor(outcome.status / 100)}xx` : outcome.type;
    this.#answers[name] = (this.#answers[name] ?? 0) + 1;
    const fault = faultOf(exchange);
    if (fault !== undefined) this.#findings.add({ sort: fault, detail: fault, index, sent });
    if (this.#options.only !== undefined) this.#options.note(`${sent}\n${describeOutcome(outcome)}`);
  }

  /** All programs together. */
  async #settled(): Promise<Sample> {
    const samples = await Promise.all(this.#processes.map((process) => process.settled()));
    const sum = (of: (sample: Sample) => number) => samples.reduce((total, sample) => total + of(sample), 0);
    return {
      slowTurns: samples.flatMap(({ slowTurns }) => slowTurns),
      cpuMs: sum(({ cpuMs }) => cpuMs),
      rssBytes: sum(({ rssBytes }) => rssBytes),
      heapBytes: sum(({ heapBytes }) => heapBytes),
      bufferBytes: sum(({ bufferBytes }) => bufferBytes),
      resources: sumOf(samples.map(({ resources }) => resources)),
    };
  }

  /** While inputs are sent, so that a slow turn is seen while it is known what was under way. */
  async #sampleUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await systemClock.sleep(SAMPLE_EVERY_MS, signal).catch(() => {});
      const samples = await Promise.all(this.#processes.map((process) => process.sample()));
      const slowTurns = samples.flatMap((sample) => sample.slowTurns);
      this.#slowTurns.push(...slowTurns);
      for (const turn of slowTurns) if (turn.cpuMs > TURN_CPU_MS_MAX) this.#blame(turn);
      this.#latencies.push(await this.#server.other.take());
    }
  }

  /** A program has ended, or cannot be asked any more. */
  #die(error: Error): void {
    if (this.#options.signal.aborted) return;
    this.#death = error;
    const last = this.#recent.filter(({ endedAtMs }) => endedAtMs > now() - DEATH_MS);
    const detail = `${error.message}: while inputs ${last.map(({ index }) => index).join(", ")}`;
    this.#findings.add({ sort: "the server ended", detail, index: last[0]?.index, sent: "" });
  }

  #blame(turn: Turn): void {
    const under = this.#recent.filter((input) => overlaps(turn, input));
    // Of those under way the one that ended with the turn is the likeliest.
    const nearest = under.toSorted((left, right) => distance(left, turn) - distance(right, turn))[0];
    this.#findings.add({
      sort: "stall: one turn of the server's event loop",
      detail: `a turn of ${turn.cpuMs.toFixed(0)} ms of CPU while inputs ${under.map(({ index }) => index).join(", ")}`,
      index: nearest?.index,
      sent: nearest?.exchanges.map(({ sent }) => sent).join("\n") ?? "",
    });
  }

  async #judge(memory: readonly Sample[], seconds: number): Promise<TargetResult> {
    const { name } = this.#target;
    const inputs = this.#sent;
    const [first, last] = [memory[0], memory.at(-1)];
    const growthBytes = (last?.heapBytes ?? 0) - (memory[1]?.heapBytes ?? 0);
    const bufferGrowthBytes = (last?.bufferBytes ?? 0) - (memory[1]?.bufferBytes ?? 0);
    const heapGrowthMax = GROWTH_BYTES_MAX + HISTORY_HEAP_SHARE * Math.max(0, bufferGrowthBytes);
    const rssGrowthBytes = (last?.rssBytes ?? 0) - (memory[1]?.rssBytes ?? 0) - Math.max(0, bufferGrowthBytes);
    if (
      growthBytes > heapGrowthMax ||
      bufferGrowthBytes > BUFFER_GROWTH_BYTES_MAX ||
      rssGrowthBytes > RSS_GROWTH_BYTES_MAX
    ) {
      const detail = `memory grew by ${mebibytes(growthBytes)}, ${mebibytes(bufferGrowthBytes)} of buffers and ${mebibytes(rssGrowthBytes)} beside them after the first fifth: ${memory.map(describeMemory).join("; ")}`;
      this.#findings.add({ sort: "memory grew", detail, index: undefined, sent: "" });
    }
    for (const { sort, line } of this.#logs.flatMap((log) => log.take())) {
      this.#findings.add({ sort, detail: line, index: undefined, sent: "" });
    }
    const late = this.#latencies.flatMap((each) => each.late);
    for (const failure of this.#latencies.flatMap(({ failures }) => failures)) {
      const sort = "the other client got no answer to its request";
      this.#findings.add({ sort, detail: failure, index: undefined, sent: "" });
    }
    const left = [...handlesMore(first?.resources ?? {}, last?.resources ?? {}), ...(await this.#server.leftOver())];
    for (const detail of left) this.#findings.add({ sort: `left over: ${detail}`, detail, index: undefined, sent: "" });
    return {
      ...{ name, inputs, answers: this.#answers, memory, growthBytes, seconds, findings: this.#findings },
      longestTurn: {
        cpuMs: Math.max(0, ...this.#slowTurns.map(({ cpuMs }) => cpuMs)),
        wallMs: Math.max(0, ...this.#slowTurns.map(({ wallMs }) => wallMs)),
      },
      other: {
        count: this.#latencies.reduce((sum, { count }) => sum + count, 0),
        maxMs: Math.max(0, ...this.#latencies.map(({ maxMs }) => maxMs)),
        p99Ms: Math.max(0, ...this.#latencies.map(({ p99Ms }) => p99Ms)),
        late: late.length,
        unexplained: late.filter((answer) => !this.#isMachines(answer)).length,
      },
      cpuMsPerInput: ((last?.cpuMs ?? 0) - (first?.cpuMs ?? 0)) / Math.max(1, inputs),
    };
  }

  /** Whether the machine was late, and not the server: it did not let this client run, or held the server up without its using CPU. */
  #isMachines({ startedAtMs, endedAtMs, ownDelayMs }: LateAnswer): boolean {
    const lateMs = endedAtMs - startedAtMs;
    const heldUp = this.#slowTurns
      .filter((turn) => overlaps(turn, { startedAtMs, endedAtMs }))
      .reduce((sum, { wallMs, cpuMs }) => sum + Math.max(0, wallMs - cpuMs), 0);
    return lateMs - ownDelayMs - heldUp <= TURN_CPU_MS_MAX;
  }
}

function contextOf(
  input: SentInput,
  { random, laneNumber, lane }: Pick<InputContext, "random" | "laneNumber"> & { readonly lane: HttpLane },
): InputContext {
  const note = (exchange: Exchange) => void input.exchanges.push(exchange);
  return {
    ...{ random, laneNumber, lane, note, index: input.index },
    call: async (request) => {
      const outcome = await lane.send(request);
      note({ sent: describeRequest(request), outcome, mayClose: false });
      return outcome;
    },
    callRaw: async (pieces, protocol, options) => {
      const outcome = await lane.sendRaw(pieces, protocol, options);
      note({ sent: Buffer.concat(pieces).toString("latin1"), outcome, mayClose: true });
      return outcome;
    },
  };
}

type Resources = Sample["resources"];

function sumOf(all: readonly Resources[]): Resources {
  const sum: Record<string, number> = {};
  for (const [name, count] of all.flatMap((one) => Object.entries(one))) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** What is open in the programs that was not before: connections that nobody ended. */
function handlesMore(before: Resources, after: Resources): string[] {
  return Object.entries(after)
    .filter(([name, count]) => !/Timeout|Immediate/.test(name) && count > (before[name] ?? 0) + HANDLES_MORE_MAX)
    .map(([name, count]) => `${count - (before[name] ?? 0)} handles more: ${name}`);
}

function portionEnds(from: number, inputs: number): number[] {
  const ends = Array.from({ length: PORTIONS }, (_, index) => from + Math.ceil((inputs * (index + 1)) / PORTIONS));
  return [...new Set(ends)];
}

function overlaps(
  turn: Turn,
  { startedAtMs, endedAtMs }: { readonly startedAtMs: number; readonly endedAtMs: number },
): boolean {
  return startedAtMs <= turn.endedAtMs && endedAtMs >= turn.endedAtMs - turn.wallMs;
}

function distance({ endedAtMs }: SentInput, turn: Turn): number {
  return Number.isFinite(endedAtMs) ? Math.abs(endedAtMs - turn.endedAtMs) : 0;
}

function describeRequest({ method, target, headers = {}, body }: FuzzRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = body === undefined ? "" : typeof body === "string" ? body : Buffer.from(body).toString("latin1");
  return [`${method} ${target}`, ...lines, "", text].join("\n");
}

export function describeOutcome(outcome: Outcome): string {
  return outcome.type === "answer" ? `→ ${outcome.status} ${outcome.text.slice(0, 1000)}` : `→ ${outcome.type}`;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function describeMemory({ heapBytes, bufferBytes, rssBytes }: TargetResult["memory"][number]): string {
  return `heap ${mebibytes(heapBytes)}, buffers ${mebibytes(bufferBytes)}, RSS ${mebibytes(rssBytes)}`;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
