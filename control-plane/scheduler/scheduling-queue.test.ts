import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { SchedulingQueue } from "./scheduling-queue.ts";

test("gives the highest priority first, equals in their order", async () => {
  const queue = new SchedulingQueue(new VirtualClock());
  queue.add("a", 0);
  queue.add("b", 100);
  queue.add("c", 0);
  queue.add("d", 100);
  const order = [await queue.take(), await queue.take(), await queue.take(), await queue.take()];
  assert.deepEqual(order, ["b", "d", "a", "c"]);
});

test("leaves a pod that found no host until something changes, and not sooner than its back-off", async () => {
  const clock = new VirtualClock();
  const queue = new SchedulingQueue(clock);
  queue.add("a", 0);
  await queue.take();
  queue.fail("a", { isTransient: false });
  await clock.advance(60_000);
  assert.equal(queue.stuck, 1);
  queue.wakeAll();
  assert.equal(await queue.take(), "a");
  queue.fail("a", { isTransient: false });
  queue.wakeAll();
  let isTaken = false;
  const taking = queue.take().then(() => {
    isTaken = true;
  });
  await clock.advance(1999);
  assert.equal(isTaken, false);
  await clock.advance(1);
  await taking;
});

test("tries a stuck pod again after five minutes even if nothing changed", async () => {
  const clock = new VirtualClock();
  const queue = new SchedulingQueue(clock);
  queue.add("a", 0);
  await queue.take();
  queue.fail("a", { isTransient: false });
  const taking = queue.take();
  await clock.advance(5 * 60_000);
  assert.equal(await taking, "a");
});

test("forgets a pod that was removed, and ends with nothing on the clock", async () => {
  const clock = new VirtualClock();
  const queue = new SchedulingQueue(clock);
  queue.add("a", 0);
  queue.add("b", 0);
  queue.remove("a");
  assert.equal(await queue.take(), "b");
  queue.fail("b", { isTransient: true });
  const taking = queue.take();
  queue[Symbol.dispose]();
  assert.equal(await taking, undefined);
  assert.equal(clock.pendingTimers, 0);
});
