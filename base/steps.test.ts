import assert from "node:assert/strict";
import { test } from "node:test";
import { doAtOnce, isLongList, LeftLists } from "./steps.ts";

const longList = Array.from({ length: 1000 }, (_, index) => index);

test("goes through short lists at once, and through long ones in steps", () => {
  assert.equal(isLongList([1, 2]), false);
  assert.equal(isLongList(longList), true);
  const done: number[] = [];
  const left = new LeftLists();
  left.forEach(longList, (item, index) => done.push(item + index));
  left.forEach([-2, -1], (item, index) => done.push(item + index));
  assert.deepEqual(done, [-2, 0]);
  const steps = [...left.finish()];
  assert.equal(steps.length, longList.length);
  assert.deepEqual(
    done.slice(2),
    longList.map((item) => 2 * item),
  );
});

test("goes through the long lists in the items of long lists", () => {
  let count = 0;
  const left = new LeftLists();
  left.forEach(longList.slice(0, 300), () => left.forEach(longList, () => count++));
  doAtOnce(left.finish());
  assert.equal(count, 300_000);
});

test("does at once what can be done in steps", () => {
  function* work() {
    yield;
    yield;
    return "done";
  }
  assert.equal(doAtOnce(work()), "done");
});
