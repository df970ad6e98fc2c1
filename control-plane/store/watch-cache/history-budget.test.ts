import assert from "node:assert/strict";
import { test } from "node:test";
import { HistoryBudget } from "./history-budget.ts";

class Pile {
  bytes: number;
  forgotten = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  forgetOldest(): void {
    this.bytes = Math.floor(this.bytes * 0.75);
    this.forgotten++;
  }
}

test("the largest history gives way, and only when all together are too much", () => {
  const budget = new HistoryBudget(100);
  const [small, large] = [new Pile(20), new Pile(80)];
  budget.join(small);
  const joined = budget.join(large);
  budget.enforce();
  assert.deepEqual([small.forgotten, large.forgotten], [0, 0]);
  large.bytes += 4;
  budget.enforce();
  assert.deepEqual([small.forgotten, large.forgotten, large.bytes], [0, 1, 63]);
  joined[Symbol.dispose]();
  small.bytes = 101;
  budget.enforce();
  assert.deepEqual([small.forgotten, large.forgotten], [1, 1]);
});
