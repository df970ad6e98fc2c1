import assert from "node:assert/strict";
import { test } from "node:test";
import { endOfLongStep } from "./long-step.ts";

function workMs(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

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
