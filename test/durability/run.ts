// What an acknowledged write is worth: a Supervisor (and the etcd behind it) is killed at random moments while clients write
// and watch, and is started again on its data. No write that was acknowledged may be missing, and no watch that goes on
// where it ended may skip or repeat an event: `npm run durability`. Exit code 1 with the seed for the first breach.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { systemClock } from "@atoll/base/clock";
import { seededRandom } from "@atoll/base/random";
import { EtcdProcess } from "@atoll/control-plane/store/etcd/etcd-process";
import { openClient } from "../conformance/api-client.ts";
import { readArguments } from "../harness/read-arguments.ts";
import { SupervisorProcess } from "../harness/supervisor-process.ts";
import { freePort } from "../harness/upstream-control-plane.ts";
import { CountingWatcher } from "./counting-watcher.ts";
import { CountingWriter } from "./counting-writer.ts";

const NAMESPACE = "durability";
const WATCHERS = 3;
/** From the moment the writers are at work again: long enough for many groups of writes and now and then a checkpoint. */
const LIFE_MS_MAX = 400;
/** One round in so many kills etcd instead of the Supervisor. */
const ETCD_EVERY = 3;
const CATCH_UP_MS = 60_000;
const POLL_MS = 5;
const NOTE_EVERY = 25;

const { values } = readArguments({
  usage: "npm run durability -- [options]",
  about: "Kills a Supervisor at random moments under clients that write and watch, and looks for what is lost.",
  options: {
    store: { type: "string", value: "sqlite|etcd", default: "sqlite", help: "with etcd, it is killed, too" },
    rounds: { type: "string", value: "N", default: "500", help: "kills" },
    writers: { type: "string", value: "N", default: "16", help: "clients that write at once" },
    seed: { type: "string", value: "N", help: "when it is killed; by chance where left out" },
    directory: { type: "string", value: "DIR", help: "of the data, which is kept; else one that is removed" },
  },
});
if (values.store !== "sqlite" && values.store !== "etcd") throw new Error('--store is "sqlite" or "etcd"');
const rounds = Number(values.rounds);
const seed = values.seed === undefined ? (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) : Number(values.seed);

console.log(`durability on ${values.store}: ${rounds} rounds, ${values.writers} writers, seed ${seed}`);
try {
  await run();
} catch (error) {
  console.error(`FAILED, seed ${seed}:`, error);
  process.exit(1);
}

async function run(): Promise<void> {
  const random = seededRandom(seed);
  await using stack = new AsyncDisposableStack();
  const directory = values.directory ?? (await mkdtemp(join(tmpdir(), "durability-")));
  if (!values.directory) stack.defer(() => rm(directory, { recursive: true }));
  let etcd = values.store === "etcd" ? await EtcdProcess.start({ directory }) : undefined;
  stack.defer(() => etcd?.[Symbol.asyncDispose]());
  const options = {
    directory: join(directory, "supervisor"),
    port: await freePort(),
    ...(etcd && { store: { type: "etcd", endpoints: [etcd.endpoint] } }),
  };
  // A program that is killed leaves no compiled code behind, one that ends does: all others start quicker.
  const first = await SupervisorProcess.start(options);
  await first.stop();
  let supervisor = await SupervisorProcess.start(options);
  stack.defer(() => supervisor[Symbol.asyncDispose]());
  const { client, transport } = openClient(supervisor.kubeconfig);
  stack.use(transport);

  await client.create(Namespace, { metadata: { name: NAMESPACE }, spec: {} });
  const stop = new AbortController();
  const watchers = Array.from({ length: WATCHERS }, () => new CountingWatcher(client, NAMESPACE, stop.signal));
  const names = Array.from({ length: Number(values.writers) }, (_, index) => `writer-${index}`);
  const writers = names.map((name) => new CountingWriter(client, { namespace: NAMESPACE, name }, stop.signal));
  stack.defer(async () => {
    stop.abort();
    await Promise.allSettled([...watchers, ...writers].map(({ done }) => done));
  });
  const broken = Promise.race([...watchers, ...writers].map(({ done }) => done)).then(() => {
    throw new Error("A writer or a watcher has ended by itself");
  });
  broken.catch(() => {});

  let killsOfEtcd = 0;
  for (let round = 1; round <= rounds; round++) {
    await Promise.race([broken, untilAllWrite(writers)]);
    await Promise.race([broken, systemClock.sleep(random.float() * LIFE_MS_MAX)]);
    if (etcd && round % ETCD_EVERY === 0) {
      killsOfEtcd += 1;
      await etcd.kill();
      etcd = await EtcdProcess.start({ directory, port: etcd.port });
    } else {
      await supervisor.stop("SIGKILL");
      supervisor = await SupervisorProcess.start(options);
    }
    // What was acknowledged until here must be seen, by readers and by every watch.
    const promised = writers.map(({ name, acknowledged }) => ({ name, number: acknowledged }));
    await Promise.race([broken, checkReaders(promised, writers)]);
    await Promise.race([broken, checkWatchers(promised, watchers)]);
    if (round % NOTE_EVERY === 0) {
      const total = promised.reduce((sum, { number }) => sum + number, 0);
      console.log(`round ${round}: ${total} writes acknowledged, none lost; ${WATCHERS} watches without gap or repeat`);
    }
  }
  const lists = watchers.reduce((sum, watcher) => sum + watcher.lists, 0);
  console.log(
    `${rounds - killsOfEtcd} kills of the Supervisor, ${killsOfEtcd} of etcd: no breach; ${WATCHERS} watches started ${lists} times from a list`,
  );
}

/** Each has had an answer since the last kill. */
async function untilAllWrite(writers: readonly CountingWriter[]): Promise<void> {
  const before = writers.map(({ acknowledged }) => acknowledged);
  await until("all writers are answered", () =>
    writers.every(({ acknowledged }, index) => acknowledged > (before[index] ?? 0)),
  );
}

async function checkReaders(
  promised: readonly { readonly name: string; readonly number: number }[],
  writers: readonly CountingWriter[],
): Promise<void> {
  for (const [index, { name, number }] of promised.entries()) {
    const found = await writers[index]?.read();
    if (found === undefined || found < number)
      throw new Error(`${name} was promised ${number}, the store has ${found}`);
  }
}

async function checkWatchers(
  promised: readonly { readonly name: string; readonly number: number }[],
  watchers: readonly CountingWatcher[],
): Promise<void> {
  await until("every watch has seen what was acknowledged", () =>
    watchers.every((watcher) => promised.every(({ name, number }) => watcher.seen(name) >= number)),
  );
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + CATCH_UP_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited ${CATCH_UP_MS} ms in vain until ${what}`);
    await systemClock.sleep(POLL_MS);
  }
}
