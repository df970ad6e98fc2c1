// Measures the makers on this machine: `node control-plane/store/bench.ts [directory]`. The directory decides which medium
// is measured and defaults to the one for temporary files. Figures are in `docs/decisions/0010-store-in-one-sqlite-file.md`.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Clock, systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { MemoryStore } from "./memory/memory-store.ts";
import { openSqliteStore } from "./sqlite/sqlite-store.ts";
import type { Store } from "./store.ts";
import { prefixEnd } from "./store.ts";

const PHASE_MS = 1500;
const KEYS = 5000;
const VALUE = new Uint8Array(1024).fill(42);

const WRITERS = [1, 16, 64];

const directory = process.argv[2] ?? tmpdir();
const clock: Clock = systemClock;

await using memory = new MemoryStore(clock);
await measure("memory", memory);

const path = await mkdtemp(join(directory, "store-bench-"));
try {
  await using sqlite = await openSqliteStore({ directory: path, clock, log: silentLogger });
  await measure("sqlite", sqlite);
} finally {
  await rm(path, { recursive: true });
}

async function measure(name: string, store: Store): Promise<void> {
  for (const writers of WRITERS) await measureWrites(`${name}: updates by ${writers} writers`, store, writers);
  await run(`${name}: gets`, async (isOver) => countWhile(isOver, () => store.range({ start: randomKey() })));
  // In memory the writers would only take turns with the reader on one thread.
  if (!(store instanceof MemoryStore))
    await withWriters(store, 64, () =>
      run(`${name}: gets while 64 write`, async (isOver) =>
        countWhile(isOver, () => store.range({ start: randomKey() })),
      ),
    );
  await run(`${name}: lists of 500`, async (isOver) =>
    countWhile(isOver, () => store.range({ start: randomKey(), end: prefixEnd("") }, { limit: 500 })),
  );
  await measureWatches(`${name}: events to 100 watches while 16 write`, store);
}

async function measureWrites(title: string, store: Store, writers: number): Promise<void> {
  const latencies: number[] = [];
  const write = async () => {
    const startMs = clock.monotonicMs();
    await update(store);
    latencies.push(clock.monotonicMs() - startMs);
  };
  await run(title, async (isOver) => {
    const counts = await Promise.all(Array.from({ length: writers }, () => countWhile(isOver, write)));
    return counts.reduce((sum, count) => sum + count, 0);
  });
  latencies.sort((left, right) => left - right);
  const at = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2);
  console.log(`    p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

async function measureWatches(title: string, store: Store): Promise<void> {
  const aborter = new AbortController();
  let events = 0;
  const follow = async (range: { readonly start: string; readonly end: string }) => {
    for await (const batch of store.watch(range, {}, aborter.signal)) events += batch.events.length;
  };
  const watches = Array.from({ length: 100 }, (_, index) =>
    follow({ start: `/registry/pods/${index % 10}`, end: prefixEnd(`/registry/pods/${index % 10}`) }),
  );
  await withWriters(store, 16, () =>
    run(title, async (isOver) => {
      const before = events;
      while (!isOver()) await clock.sleep(10);
      return events - before;
    }),
  );
  aborter.abort();
  await Promise.all(watches);
}

/** Writers that go on until the work is done. */
async function withWriters(store: Store, writers: number, work: () => Promise<void>): Promise<void> {
  let isOver = false;
  const writing = Array.from({ length: writers }, () =>
    countWhile(
      () => isOver,
      () => update(store),
    ),
  );
  await work();
  isOver = true;
  await Promise.all(writing);
}

/** A conditional update as the API server makes it: read, then write on condition. */
async function update(store: Store): Promise<void> {
  const key = randomKey();
  const { items } = await store.range({ start: key });
  const compares = [{ key, modRevision: items[0]?.modRevision ?? 0 }];
  await store.transact({ compares, writes: [{ type: "put", key, value: VALUE }] });
}

function randomKey(): string {
  return `/registry/pods/${Math.floor(Math.random() * 10)}/pod-${Math.floor((Math.random() * KEYS) / 10)}`;
}

async function countWhile(isOver: () => boolean, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  for (; !isOver(); count++) {
    await work();
    // Reads resolve without leaving the thread: now and then let messages and timers have their turn.
    if (count % 64 === 63) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return count;
}

async function run(title: string, work: (isOver: () => boolean) => Promise<number>): Promise<void> {
  const startMs = clock.monotonicMs();
  const count = await work(() => clock.monotonicMs() - startMs > PHASE_MS);
  const perSecond = (count / (clock.monotonicMs() - startMs)) * 1000;
  console.log(`${title}: ${Math.round(perSecond).toLocaleString("en")} per second`);
}
