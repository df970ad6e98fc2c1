import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestedPriorityLevels } from "@atoll/api/flowcontrol/bootstrap";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { PriorityLevel } from "./priority-level.ts";
import { lendSeats, seatBounds } from "./seat-shares.ts";
import { dealHand, hashFlow } from "./shuffle-sharding.ts";

const NEVER = new AbortController().signal;

function level(clock: VirtualClock, seats: number, queueLengthLimit = 100): PriorityLevel {
  return new PriorityLevel({
    name: "test",
    uid: "",
    isExempt: false,
    bounds: { nominal: seats, min: seats, max: seats },
    queuing: { queues: 64, handSize: 6, queueLengthLimit },
    clock,
  });
}

test("a hand is of different cards, and the same for the same flow", () => {
  for (let flow = 0; flow < 200; flow++) {
    const hand = dealHand(hashFlow(`flow ${flow}`), 64, 6);
    assert.equal(new Set(hand).size, 6);
    assert.ok(hand.every((card) => card >= 0 && card < 64));
    assert.deepEqual(dealHand(hashFlow(`flow ${flow}`), 64, 6), hand);
  }
  const first = new Set(Array.from({ length: 2000 }, (_, flow) => dealHand(hashFlow(`f${flow}`), 64, 6)[0]));
  assert.equal(first.size, 64, "some queue is never dealt first");
});

test("a flow that asks once does not wait for one that asked a hundred times", async () => {
  const queue = level(new VirtualClock(), 1);
  assert.ok(queue.tryTake(1));
  const order: string[] = [];
  const ask = async (flow: string) => {
    assert.equal(await queue.wait(flow, 1, NEVER), undefined);
    order.push(flow);
  };
  const all = [...Array.from({ length: 100 }, () => ask("greedy")), ask("modest")];
  for (let done = 0; done <= 100; done++) {
    queue.release(1);
    await Promise.resolve();
    await Promise.resolve();
  }
  await Promise.all(all);
  // Its hand has six queues, each with a first request that is as early.
  assert.ok(order.indexOf("modest") <= 6, `served as number ${order.indexOf("modest")}`);
});

test("a full queue refuses, and so does waiting too long", async () => {
  const clock = new VirtualClock();
  const queue = level(clock, 1, 1);
  assert.ok(queue.tryTake(1));
  const waits = Array.from({ length: 6 }, () => queue.wait("a", 1, NEVER));
  assert.equal(await queue.wait("a", 1, NEVER), "queue-full");
  await clock.advance(15_000);
  assert.deepEqual(new Set(await Promise.all(waits)), new Set(["time-out"]));
  assert.deepEqual(Object.fromEntries(queue.counts.refused), { "queue-full": 1, "time-out": 6 });
  queue.release(1);
  assert.ok(queue.tryTake(1), "those that left must not be waited for");
});

test("a client that goes away leaves its place", async () => {
  const queue = level(new VirtualClock(), 1);
  assert.ok(queue.tryTake(1));
  const gone = new AbortController();
  const waiting = queue.wait("a", 1, gone.signal);
  gone.abort();
  assert.equal(await waiting, "cancelled");
  assert.equal(queue.counts.waiting, 0);
});

test("a request wider than the level gets all of it", () => {
  const queue = level(new VirtualClock(), 2);
  assert.ok(queue.tryTake(10));
  assert.ok(!queue.tryTake(1));
  queue.release(10);
  assert.ok(queue.tryTake(1));
});

test("seats are divided by shares and lent by demand, never below what must stay", () => {
  const levels = suggestedPriorityLevels.map(({ spec }) => spec);
  const bounds = seatBounds(levels, 600);
  assert.deepEqual(
    bounds.map(({ nominal }) => nominal),
    [75, 100, 25, 100, 250, 50],
  );
  const demands = bounds.map((bound, index) => ({ ...bound, wanted: index === 0 ? 400 : 1 }));
  const lent = lendSeats(demands, 600);
  assert.ok((lent[0] ?? 0) > 200, `only ${lent[0]} seats for the level that wants 400`);
  for (const [index, seats] of lent.entries()) assert.ok(seats >= (bounds[index]?.min ?? 0));
  assert.ok(Math.abs(lent.reduce((a, b) => a + b, 0) - 600) <= levels.length);
});
