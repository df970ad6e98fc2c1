import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@atoll/base/clock";
import { systemClock } from "@atoll/base/clock";
import { REST_MS_MAX, WriteRounds } from "./write-rounds.ts";

/** Time passes where a test says so, also within a round. */
function steppedClock() {
  const clock = { nowMs: 1000, timers: [] as { ms: number; call: () => void }[] };
  const asClock: Clock = {
    ...systemClock,
    monotonicMs: () => clock.nowMs,
    setTimer: (ms, call) => {
      clock.timers.push({ ms, call });
      return { [Symbol.dispose]: () => {} };
    },
  };
  const fire = () => {
    const timer = clock.timers.shift();
    assert.ok(timer);
    clock.nowMs += timer.ms;
    timer.call();
    return timer.ms;
  };
  return Object.assign(clock, { asClock, fire });
}

test("the first of a round is called in the next turn, and what comes while it rests together, in order", async () => {
  const clock = steppedClock();
  const rounds = new WriteRounds(clock.asClock);
  const called: string[] = [];
  const step = (name: string, tookMs: number) => () => {
    called.push(name);
    clock.nowMs += tookMs;
  };
  rounds.join(step("a", 1));
  assert.deepEqual(called, [], "not before all have asked");
  rounds.join(step("b", 1));
  await nextTurn();
  assert.deepEqual(called, ["a", "b"]);
  rounds.join(step("c", 8));
  rounds.join(step("d", 0));
  await nextTurn();
  assert.deepEqual(called, ["a", "b"]);
  assert.equal(clock.fire().toFixed(3), "2.000", "as long as the round took");
  assert.deepEqual(called, ["a", "b", "c", "d"]);
  rounds.join(step("e", 0));
  assert.equal(clock.fire().toFixed(3), REST_MS_MAX.toFixed(3), "never longer than is said");
  assert.deepEqual(called, ["a", "b", "c", "d", "e"]);
});

test("few watchers never wait", async () => {
  const clock = steppedClock();
  const rounds = new WriteRounds(clock.asClock);
  for (let count = 0; count < 3; count++) {
    let isCalled = false;
    rounds.join(() => {
      isCalled = true;
      clock.nowMs += 0.05;
    });
    await nextTurn();
    assert.ok(isCalled);
  }
  assert.equal(clock.timers.length, 0);
});

test("a long round lets others have their turn, and loses nothing", async () => {
  const clock = steppedClock();
  const rounds = new WriteRounds(clock.asClock);
  const called: number[] = [];
  for (let index = 0; index < 5; index++) {
    rounds.join(() => {
      called.push(index);
      clock.nowMs += 6;
      if (index === 0) rounds.join(() => called.push(100));
    });
  }
  const lengths: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    await nextTurn();
    lengths.push(called.length);
  }
  assert.deepEqual(lengths, [2, 4, 6]);
  assert.deepEqual(called, [0, 1, 2, 3, 4, 100]);
});
