import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findDuplicateFields } from "./find-duplicate-fields.ts";

test("finds keys that stand twice in one object", () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['{"a":1,"b":2}', []],
    ['{"a":1,"a":2}', ["a"]],
    ['{"a":1,"\\u0061":2}', ["a"]],
    ['{"a":{"b":1},"c":{"b":1}}', []],
    ['{"spec":{"containers":[{"name":"a"},{"name":"b","image":"x","image":"y"}]}}', ["spec.containers[1].image"]],
    ['{"a":"{\\"b\\":1,\\"b\\":2}","b":["a","a"]}', []],
    ['{"a":[1,[{"x":1,"x":2}]]}', ["a[1][0].x"]],
    ['{"a":{},"a":[],"a":1}', ["a"]],
    ['"text"', []],
  ];
  for (const [text, expected] of table) assert.deepEqual(findDuplicateFields(text), expected, text);
});

test("finds none in what JSON.stringify writes, at any depth", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => findDuplicateFields(JSON.stringify(value, null, 1)).length === 0));
  assert.deepEqual(findDuplicateFields("[".repeat(100_000) + "]".repeat(100_000)), []);
});
