import assert from "node:assert/strict";
import { after, before, describe, mock, test } from "node:test";
import { doInSteps, endOfLongStep } from "./long-step.ts";

/** Time passes by work alone: on a busy machine a step would be as long as others take of it. */
let nowMs = performance.now();

function workMs(ms: number): void {
  nowMs += ms;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Counts those that begin from now on. */
function countTurns() {
  const turns = { count: 0, stop: () => clearImmediate(next) };
  const begin = () => {
    turns.count++;
    next = setImmediate(begin);
  };
  let next = setImmediate(begin);
  return turns;
}

describe("long steps", () => {
  before(() => mock.method(performance, "now", () => nowMs));
  after(() => mock.restoreAll());

  test("lets others have their turn in long work, and not in short", async () => {
    let others = 0;
    setImmediate(() => others++);
    assert.equal(endOfLongStep(), undefined);
    workMs(15);
    const pause = endOfLongStep();
    assert.ok(pause, "the turn took long");
    assert.equal(others, 0);
    await pause;
    assert.equal(others, 1);
    assert.equal(endOfLongStep(), undefined, "a new turn has begun");
  });

  test("ends a turn that many short steps have made long, and one that began with a long step after a pause", async () => {
    await turn();
    let pauses = 0;
    for (let step = 0; step < 20; step++) {
      const pause = endOfLongStep();
      if (pause) {
        pauses++;
        await pause;
      }
      workMs(4);
    }
    assert.ok(pauses >= 2, `${pauses} pauses`);
    await endOfLongStep();
    workMs(15);
    assert.ok(endOfLongStep(), "the first step of the turn was long");
    await turn();
  });

  test("lets short steps of many go on together, also of those who wait", async () => {
    await turn();
    const turns = countTurns();
    assert.equal(endOfLongStep(), undefined);
    workMs(31);
    const woken = await Promise.all(
      Array.from({ length: 50 }, async () => {
        await endOfLongStep();
        return turns.count;
      }),
    );
    turns.stop();
    assert.ok(new Set(woken).size <= 3, String(woken));
  });

  test("wakes those who wait each in a turn of its own", async () => {
    await turn();
    const turns = countTurns();
    const works = Array.from({ length: 5 }, async () => {
      await endOfLongStep();
      workMs(12);
      await endOfLongStep();
      const woken = turns.count;
      workMs(12);
      return woken;
    });
    const woken = await Promise.all(works);
    turns.stop();
    assert.equal(new Set(woken).size, works.length, String(woken));
  });

  test("does not count the step of one that was woken for whoever comes in the next turn", async () => {
    await turn();
    assert.equal(endOfLongStep(), undefined);
    workMs(12);
    const work = Promise.resolve(endOfLongStep()).then(() => workMs(30));
    await work;
    const pause = await new Promise((resolve) => setTimeout(() => resolve(endOfLongStep()), 0));
    assert.equal(pause, undefined);
  });

  test("lets others have their turn wherever long work yields, and has short work done at once", async () => {
    function* work(steps: number, ms: number) {
      for (let step = 0; step < steps; step++) {
        workMs(ms);
        yield;
      }
      return steps;
    }
    await turn();
    assert.equal(doInSteps(work(0, 0)), 0);
    const turns = countTurns();
    assert.equal(await doInSteps(work(5, 12)), 5);
    const { count } = turns;
    turns.stop();
    assert.ok(count >= 3, `${count} turns`);
    const failing = function* () {
      yield;
      throw new Error("failed");
    };
    await assert.rejects(async () => doInSteps(failing()), /failed/);
  });
});
