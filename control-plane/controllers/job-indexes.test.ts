import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  countCommonIndexes,
  countIndexes,
  firstFreeIndexes,
  formatIndexes,
  hasIndex,
  indexesOf,
  mergeIndexes,
  parseIndexes,
} from "./job-indexes.ts";

test("writes runs of three and more with a hyphen, pairs with a comma", () => {
  assert.equal(formatIndexes(indexesOf([5, 0, 1, 2, 7, 8, 1])), "0-2,5,7,8");
  assert.equal(formatIndexes([]), "");
});

test("reads what it can and leaves out what is past the end", () => {
  assert.deepEqual(parseIndexes("0,1,3-5,x,8-12", 10), [
    { first: 0, last: 1 },
    { first: 3, last: 5 },
    { first: 8, last: 9 },
  ]);
  assert.deepEqual(parseIndexes("11-12", 10), []);
});

test("behaves as a set of numbers", () => {
  const numbers = fc.array(fc.nat(40));
  fc.assert(
    fc.property(numbers, numbers, fc.nat(12), (left, right, count) => {
      const [one, other] = [indexesOf(left), indexesOf(right)];
      const merged = mergeIndexes(one, other);
      const both = new Set([...left, ...right]);
      assert.equal(countIndexes(merged), both.size);
      assert.deepEqual(parseIndexes(formatIndexes(merged), 41), merged);
      for (let index = 0; index <= 41; index++) assert.equal(hasIndex(merged, index), both.has(index));
      assert.equal(countCommonIndexes(one, other), new Set(left.filter((index) => right.includes(index))).size);
      const free = Array.from({ length: 41 }, (_, index) => index).filter((index) => !both.has(index));
      assert.deepEqual(firstFreeIndexes(merged, count, 41), free.slice(0, count));
    }),
  );
});
