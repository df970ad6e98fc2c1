import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { MetricsRegistry } from "@atoll/base/metrics";
import fc from "fast-check";
import { QueueMetrics } from "./queue-metrics.ts";
import { WorkQueue } from "./work-queue.ts";

test("gives a key once, however often it was added", async () => {
  const queue = new WorkQueue(new VirtualClock());
  for (const key of ["a", "b", "a"]) queue.add(key);
  assert.equal(queue.length, 2);
  assert.deepEqual([await queue.take(), await queue.take()], ["a", "b"]);
});

test("never gives a key that is in work, and gives it again when it was added meanwhile", async () => {
  const queue = new WorkQueue(new VirtualClock());
  queue.add("a");
  const key = await queue.take();
  queue.add("a");
  assert.equal(queue.length, 0);
  queue.done(key ?? "");
  assert.equal(await queue.take(), "a");
});

test("doubles the pause of a failing key from 5 ms to 1000 s, and starts anew after a success", async () => {
  const queue = new WorkQueue(new VirtualClock());
  const pauses = Array.from({ length: 20 }, () => queue.addFailed("a"));
  assert.deepEqual(pauses.slice(0, 4), [5, 10, 20, 40]);
  assert.equal(pauses.at(-1), 1_000_000);
  queue.forget("a");
  assert.equal(queue.addFailed("a"), 5);
});

test("keeps the earliest of several delays", async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  queue.addAfter("a", 1000);
  queue.addAfter("a", 100);
  queue.addAfter("a", 5000);
  await clock.advance(100);
  assert.equal(queue.length, 1);
  assert.equal(clock.pendingTimers, 0);
});

test("ends the waiting of workers and all timers when it is closed", async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  const taken = queue.take();
  queue.addAfter("a", 1000);
  queue[Symbol.dispose]();
  assert.equal(await taken, undefined);
  assert.equal(clock.pendingTimers, 0);
});

test("loses no key and never works on one twice at once, whatever the order of calls", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom("add a", "add b", "add c"), fc.constantFrom("take", "done"))),
      async (steps) => {
        const queue = new WorkQueue(new VirtualClock());
        const inWork: string[] = [];
        const owed = new Set<string>();
        for (const step of steps) {
          if (step.startsWith("add ")) {
            queue.add(step.slice(4));
            owed.add(step.slice(4));
          } else if (step === "take" && queue.length > 0) {
            const key = (await queue.take()) ?? "";
            assert.ok(!inWork.includes(key));
            inWork.push(key);
            owed.delete(key);
          } else if (step === "done" && inWork.length > 0) queue.done(inWork.shift() ?? "");
        }
        while (inWork.length > 0) queue.done(inWork.shift() ?? "");
        while (queue.length > 0) owed.delete((await queue.take()) ?? "");
        assert.deepEqual([...owed], []);
      },
    ),
  );
});

test("what it does is counted", async () => {
  const clock = new VirtualClock();
  const registry = new MetricsRegistry();
  const queue = new WorkQueue(clock, new QueueMetrics(registry).of("test"));
  for (const key of ["a", "b", "a"]) queue.add(key);
  await clock.advance(2000);
  await queue.take();
  await clock.advance(3000);
  queue.done("a");
  queue.addFailed("a");
  const lines = (await registry.render()).split("\n");
  for (const line of [
    'workqueue_adds_total{name="test"} 2',
    'workqueue_depth{name="test"} 1',
    'workqueue_retries_total{name="test"} 1',
    'workqueue_queue_duration_seconds_sum{name="test"} 2',
    'workqueue_work_duration_seconds_sum{name="test"} 3',
  ]) {
    assert.ok(lines.includes(line), line);
  }
});
