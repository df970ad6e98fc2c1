import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { compareKeys, isInRange } from "./key-order.ts";
import { OrderedMap } from "./ordered-map.ts";

const key = fc.string({
  unit: fc.constantFrom("a", "b", "/", "\0", "é", "\uE000", "\uFFFD", "\u{10000}"),
  maxLength: 4,
});

test("keys compare as their UTF-8 bytes do", () => {
  fc.assert(
    fc.property(key, key, (left, right) => {
      assert.equal(Math.sign(compareKeys(left, right)), Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
  );
});

test("an ordered map is a map that is walked in order", () => {
  const change = fc.record({ key, isDelete: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 200 }),
      key,
      fc.option(key, { nil: undefined }),
      (changes, start, end) => {
        const map = new OrderedMap<number>();
        const model = new Map<string, number>();
        changes.forEach(({ key: changed, isDelete }, index) => {
          if (isDelete) {
            assert.equal(map.delete(changed), model.delete(changed));
          } else {
            map.set(changed, index);
            model.set(changed, index);
          }
        });
        const range = { start, end };
        const expected = [...model].filter(([found]) => isInRange(found, range)).sort(([a], [b]) => compareKeys(a, b));
        assert.deepEqual(
          [...map.values(range)],
          expected.map(([, value]) => value),
        );
        assert.equal(map.count(range), expected.length);
        assert.equal(map.size, model.size);
      },
    ),
  );
});

test("an ordered map cuts its chunks and forgets empty ones", () => {
  const map = new OrderedMap<number>();
  const keys = Array.from({ length: 3000 }, (_, index) => `${(index * 7919) % 3000}`.padStart(4, "0"));
  for (const inserted of keys) map.set(inserted, Number(inserted));
  assert.deepEqual([...map.values({ start: "0100", end: "0103" })], [100, 101, 102]);
  assert.deepEqual(
    [...map.values({ start: "", end: "z" })],
    Array.from({ length: 3000 }, (_, index) => index),
  );
  assert.equal(map.count({ start: "0001", end: "2999" }), 2998);
  assert.equal(map.get("3000"), undefined);
  for (const removed of keys) assert(map.delete(removed));
  assert.equal(map.size, 0);
  assert.equal(map.count({ start: "", end: "z" }), 0);
});
