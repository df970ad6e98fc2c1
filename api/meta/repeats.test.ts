import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalText, repeatedPlaces } from "./repeats.ts";

test("says which values stand there already", () => {
  const values = ["a", 1, "1", { a: 1, b: [2] }, "a", { b: [2], a: 1 }, { b: [2] }, null, "null", undefined, null];
  assert.deepEqual([...repeatedPlaces(values)], [4, 5, 10]);
  assert.equal(canonicalText({ a: undefined }), canonicalText({}));
});

test("takes as long as there are values", () => {
  const started = performance.now();
  assert.equal(repeatedPlaces(Array.from({ length: 100_000 }, (_, index) => `x${index}`)).size, 0);
  assert.ok(performance.now() - started < 3000);
});
