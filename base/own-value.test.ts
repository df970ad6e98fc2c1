import assert from "node:assert/strict";
import { test } from "node:test";
import { ownValue } from "./own-value.ts";

test("finds what a record holds itself", () => {
  const record = JSON.parse('{"a":1,"constructor":2,"__proto__":3}') as Record<string, number>;
  assert.equal(ownValue(record, "a"), 1);
  assert.equal(ownValue(record, "constructor"), 2);
  assert.equal(ownValue(record, "__proto__"), 3);
});

test("finds nothing that all objects have", () => {
  for (const name of ["a", "", ...Object.getOwnPropertyNames(Object.prototype)]) {
    assert.equal(ownValue({}, name), undefined, name);
    assert.equal(ownValue(undefined, name), undefined, name);
  }
});
