import assert from "node:assert/strict";
import { test } from "node:test";
import { tableOf } from "./table-of.ts";

const table: Readonly<Record<string, number>> = tableOf({ a: 1, b: 2 });

test("finds its entries and nothing that all objects have", () => {
  assert.equal(table.a, 1);
  assert.deepEqual(Object.entries(table), [
    ["a", 1],
    ["b", 2],
  ]);
  for (const name of ["c", "", ...Object.getOwnPropertyNames(Object.prototype)]) {
    assert.equal(table[name], undefined, name);
    assert.equal(name in table, false, name);
  }
});

test("stays as it is", () => {
  assert.throws(() => Object.assign(table, { a: 3 }), TypeError);
  assert.throws(() => Object.assign(table, { c: 3 }), TypeError);
});
