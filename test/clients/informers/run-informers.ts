// Programs of informers through the worst days of their server: it is killed and started again while everybody writes, and the line
// to it is cut for longer than it keeps its history. When the writers rest, what each informer has in its cache must be what a list
// shows.

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@atoll/base/clock";
import { seededRandom } from "@atoll/base/random";
import type { Client } from "@atoll/machinery/client/client";
import { openClient } from "../../conformance/api-client.ts";
import { SupervisorProcess } from "../../harness/supervisor-process.ts";
import { freePort } from "../../harness/upstream-control-plane.ts";
import type { ClientReport, ClientRunOptions } from "../client-run.ts";
import type { Informed } from "./informed.ts";
import { ObjectWriter } from "./object-writer.ts";
import { SeverableLine } from "./severable-line.ts";
import { listWatched, makePlace } from "./watched-objects.ts";

/** The least that a Supervisor takes; what is older than twice of it is forgotten. */
const HISTORY_SECONDS = 30;
const SEVERED_MS = (2 * HISTORY_SECONDS + 5) * 1000;
/** From the last write: longer than the longest wait that a client puts between two tries. */
const SETTLE_MS = 120_000;
const LIFE_MS_MAX = 2_000;
const POLL_MS = 200;
const SHOWN_LINES = 5;

export type StartInformed = (kubeconfig: string, directory: string) => Promise<readonly Informed[]>;

/** `name` of the client library: each has a server of its own. */
export async function runInformers(
  name: string,
  options: ClientRunOptions,
  start: StartInformed,
): Promise<ClientReport> {
  await using stack = new AsyncDisposableStack();
  const directory = join(options.directory, `informers-${name}`);
  const random = seededRandom(options.seed);
  const settings = {
    ...{ directory, port: await freePort(), advertiseAddress: "192.0.2.1" },
    store: { type: "sqlite", historySeconds: HISTORY_SECONDS },
  };
  let supervisor = await SupervisorProcess.start(settings);
  stack.defer(() => supervisor[Symbol.asyncDispose]());
  const line = stack.use(await SeverableLine.open(settings.port));
  const kubeconfig = join(directory, "kubeconfig");
  const text = readFileSync(supervisor.kubeconfig, "utf8");
  await writeFile(kubeconfig, text.replaceAll(`:${settings.port}`, `:${line.port}`), { mode: 0o600 });
  const { client, transport } = openClient(supervisor.kubeconfig);
  stack.use(transport);
  await makePlace(client, options.signal);
  const programs = await start(kubeconfig, directory);
  for (const program of programs) stack.use(program);
  const writer = new ObjectWriter(client, random);
  const failures: string[] = [];

  const settle = async (what: string) => {
    options.signal.throwIfAborted();
    const { left, seconds } = await untilInSync(client, programs);
    options.note(
      `${what}: ${writer.writes} writes, ${left.length === 0 ? `in sync after ${seconds} s` : "NOT IN SYNC"}`,
    );
    for (const text of left) options.note(text);
    failures.push(...left.map((text) => `${what}: ${text}`));
  };
  for (let round = 1; round <= options.rounds; round++) {
    await whileWriting(writer, async () => {
      await systemClock.sleep(random.float() * LIFE_MS_MAX);
      await supervisor.stop("SIGKILL");
      supervisor = await SupervisorProcess.start(settings);
      await systemClock.sleep(random.float() * LIFE_MS_MAX);
    });
    await settle(`kill ${round}`);
  }
  await whileWriting(writer, async () => {
    line.sever();
    await systemClock.sleep(SEVERED_MS, options.signal);
    line.mend();
  });
  await settle("cut line");
  return { summary: await Promise.all(programs.map((program) => summarize(program, options.rounds))), failures };
}

async function whileWriting(writer: ObjectWriter, happens: () => Promise<void>): Promise<void> {
  const rest = new AbortController();
  const written = writer.run(rest.signal);
  try {
    await happens();
  } finally {
    rest.abort();
    await written;
  }
}

async function untilInSync(client: Client, programs: readonly Informed[]) {
  const startedMs = systemClock.monotonicMs();
  for (;;) {
    const { left, expired } = await compare(client, programs);
    const elapsedMs = systemClock.monotonicMs() - startedMs;
    if (left.length === 0 || elapsedMs > SETTLE_MS) return { left, expired, seconds: Math.round(elapsedMs / 100) / 10 };
    await systemClock.sleep(POLL_MS);
  }
}

async function compare(client: Client, programs: readonly Informed[]) {
  const expected = await listWatched(client);
  const reports = await Promise.all(programs.map(async (program) => ({ program, report: await program.describe() })));
  const expired = reports.reduce((sum, { report }) => sum + report.expired, 0);
  const left = reports.flatMap(({ program, report }) =>
    Object.entries(report.objects).flatMap(([informer, lines]) => {
      const wanted = expected.get(informer.slice(informer.lastIndexOf(" ") + 1)) ?? [];
      if (wanted.join("\n") === lines.join("\n")) return [];
      const [missing, extra] = [without(wanted, lines), without(lines, wanted)];
      return [`${program.name}, ${informer}: lacks ${shorten(missing)}; has too much: ${shorten(extra)}`];
    }),
  );
  return { left, expired };
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}

function shorten(lines: readonly string[]): string {
  return lines.length === 0 ? "nothing" : `${lines.length} (${lines.slice(0, SHOWN_LINES).join(", ")})`;
}

async function summarize(program: Informed, rounds: number): Promise<string> {
  const { expired, lists, notes, objects } = await program.describe();
  const informers = Object.keys(objects).length;
  return `${program.name}: ${informers} informers through ${rounds} kills and a cut line: ${expired} times "too old", ${lists} lists, ${notes}`;
}
