import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { runCompactor } from "./compactor.ts";
import { MemoryStore } from "./memory/memory-store.ts";
import { put, write } from "./suite/store-calls.ts";

test("history is kept for one interval and forgotten after the next", async () => {
  const clock = new VirtualClock();
  await using store = new MemoryStore(clock);
  const aborter = new AbortController();
  const running = runCompactor({ store, clock, log: silentLogger, intervalMs: 1000 }, aborter.signal);
  const isReadable = (revision: number) =>
    store.range({ start: "a" }, { revision }).then(
      () => true,
      () => false,
    );
  await write(store, put("a", "1"));
  await clock.advance(1000);
  await write(store, put("a", "2"));
  await write(store, put("a", "3"));
  await clock.advance(999);
  assert(await isReadable(2));
  await clock.advance(1001);
  assert.deepEqual([await isReadable(2), await isReadable(3), await isReadable(4)], [false, false, true]);
  await clock.advance(10_000);
  assert(await isReadable(4));
  aborter.abort();
  await running;
  assert.equal(clock.pendingTimers, 0);
});

test("the compactor ends with its store", async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const running = runCompactor({ store, clock, log: silentLogger }, new AbortController().signal);
  await store[Symbol.asyncDispose]();
  await clock.advance(10 * 60 * 1000);
  await running;
});
