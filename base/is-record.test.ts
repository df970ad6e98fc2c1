import assert from "node:assert/strict";
import { test } from "node:test";
import { isRecord } from "./is-record.ts";

test("objects are records; lists, null and plain values are not", () => {
  for (const value of [{}, { a: 1 }, Object.create(null)]) assert.ok(isRecord(value));
  for (const value of [[], [{}], null, undefined, 0, "", true, () => {}]) assert.ok(!isRecord(value));
});
