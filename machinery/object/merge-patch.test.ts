import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyMergePatch } from "./merge-patch.ts";

test("merges as the examples of RFC 7386 say", () => {
  const table: readonly (readonly [unknown, unknown, unknown])[] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of table) assert.deepEqual(applyMergePatch(target, patch), result);
});

test("removes null in objects of lists, and leaves null among their items, as upstream", () => {
  const patch = { new: [{ a: null, b: [{ c: null, d: 1 }, null] }], list: [null, [{ a: null }]] };
  assert.deepEqual(applyMergePatch({ list: [1] }, patch), { new: [{ b: [{ d: 1 }, null] }], list: [null, [{}]] });
});

test("changes nothing when applied twice, and leaves its arguments alone", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = applyMergePatch(target, patch);
      assert.equal(JSON.stringify(applyMergePatch(once, patch)), JSON.stringify(once));
      assert.equal(JSON.stringify([target, patch]), before);
    }),
  );
});
