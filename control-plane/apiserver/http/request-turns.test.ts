import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { RequestTurns } from "./request-turns.ts";

test("begins a few requests at once, and the others in later turns, in order", async () => {
  const turns = new RequestTurns();
  const connection = {};
  const begun: number[] = [];
  const counts = Array.from({ length: 100 }, (_, index) => turns.join(connection, () => begun.push(index)));
  assert.deepEqual(counts.at(-1), 100);
  assert.deepEqual(begun, indices(32));
  await setImmediate();
  assert.deepEqual(begun, indices(64));
  while (begun.length < 100) await setImmediate();
  assert.deepEqual(begun, indices(100));
  assert.equal(
    turns.join(connection, () => {}),
    1,
  );
});

test("lets no connection wait for all requests of another", async () => {
  const turns = new RequestTurns();
  const [many, one] = [{}, {}];
  const begun: string[] = [];
  for (let index = 0; index < 100; index++) turns.join(many, () => begun.push("many"));
  turns.join(one, () => begun.push("one"));
  await setImmediate();
  assert.equal(begun.indexOf("one"), 33);
  assert.equal(begun.length, 64);
});

test("counts what waits from turn to turn", async () => {
  const turns = new RequestTurns();
  const connection = {};
  const join = () => turns.join(connection, () => {});
  for (let index = 0; index < 200; index++) join();
  await setImmediate();
  assert.equal(join(), 200 - 2 * 32 + 1);
});

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
