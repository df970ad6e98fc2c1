import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { LeasePool } from "./lease-pool.ts";
import { MemoryStore } from "./memory/memory-store.ts";
import { put, write } from "./suite/store-calls.ts";

test("a lease is shared for a while, and none of its keys goes early", async () => {
  const clock = new VirtualClock();
  await using store = new MemoryStore(clock);
  const pool = new LeasePool({ store, clock, ttlSeconds: 3600 });
  const first = await pool.take();
  await clock.advance(59_000);
  assert.equal(await pool.take(), first);
  await write(store, put("late", "1", first));
  await clock.advance(1_000);
  assert.notEqual(await pool.take(), first);
  await clock.advance(3_599_000 - 1_000);
  assert.equal((await store.range({ start: "late" })).count, 1);
  await clock.advance(60_000);
  assert.equal((await store.range({ start: "late" })).count, 0);
});

test("a lease takes a thousand keys", async () => {
  const clock = new VirtualClock();
  await using store = new MemoryStore(clock);
  const pool = new LeasePool({ store, clock, ttlSeconds: 3600 });
  const ids = new Set<number>();
  for (let count = 0; count < 1001; count++) ids.add(await pool.take());
  assert.equal(ids.size, 2);
});
