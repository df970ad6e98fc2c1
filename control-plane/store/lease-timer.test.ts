import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { LeaseTimer } from "./lease-timer.ts";

test("leases expire in the order of their ends, each once", async () => {
  const clock = new VirtualClock();
  const expired: number[] = [];
  using timer = new LeaseTimer(clock, (id) => expired.push(id));
  timer.start(1, 30);
  timer.start(2, 10);
  timer.start(3, 20);
  timer.stop(3);
  await clock.advance(10_000);
  assert.deepEqual(expired, [2]);
  await clock.advance(60_000);
  assert.deepEqual(expired, [2, 1]);
});

test("a lease that outlasts the longest timer does not expire early", async () => {
  const clock = new VirtualClock();
  const expired: number[] = [];
  using timer = new LeaseTimer(clock, (id) => expired.push(id));
  timer.start(1, 60 * 24 * 3600);
  await clock.advance(60 * 24 * 3600 * 1000 - 1);
  assert.deepEqual(expired, []);
  await clock.advance(1);
  assert.deepEqual(expired, [1]);
});

test("a timer that is disposed leaves nothing behind", () => {
  const clock = new VirtualClock();
  const timer = new LeaseTimer(clock, () => {});
  timer.start(1, 30);
  timer[Symbol.dispose]();
  assert.equal(clock.pendingTimers, 0);
});
