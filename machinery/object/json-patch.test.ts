import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, hasReason } from "./api-error.ts";
import { applyJsonPatch, OPERATIONS_MAX } from "./json-patch.ts";

test("applies every operation in order", () => {
  const document = { a: { b: [1, 2] }, c: "x" };
  const patch = [
    { op: "test", path: "/a/b/0", value: 1 },
    { op: "add", path: "/a/b/-", value: 3 },
    { op: "remove", path: "/a/b/0" },
    { op: "replace", path: "/c", value: { y: null } },
    { op: "copy", from: "/a/b", path: "/d" },
    { op: "move", from: "/c", path: "/e~1f" },
  ];
  assert.deepEqual(applyJsonPatch(document, patch), { a: { b: [2, 3] }, d: [2, 3], "e/f": { y: null } });
  assert.deepEqual(document, { a: { b: [1, 2] }, c: "x" });
});

test("replaces the whole document", () => {
  assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }]), { b: 2 });
});

test("refuses a patch that does not fit the document, and changes nothing", () => {
  const document = { a: 1 };
  for (const patch of [
    [
      { op: "replace", path: "/a", value: 2 },
      { op: "test", path: "/a", value: 3 },
    ],
    [{ op: "remove", path: "/b" }],
    [{ op: "add", path: "/b/c", value: 1 }],
    [{ op: "copy", from: "/b", path: "/c" }],
  ]) {
    assert.throws(
      () => applyJsonPatch(document, patch),
      // Which operation it was is upstream's secret, too.
      (error) =>
        hasReason(error, "Invalid") &&
        error.message === "the server rejected our request due to an error in our request",
    );
  }
  assert.deepEqual(document, { a: 1 });
});

test("refuses what is no list of operations, and operations that are none", () => {
  const refused: readonly (readonly [unknown, "BadRequest" | "Invalid"])[] = [
    [{}, "BadRequest"],
    ["x", "BadRequest"],
    [[1], "BadRequest"],
    [[{ op: "add", path: "/a" }], "Invalid"],
    [[{ op: "jump", path: "/a", value: 1 }], "Invalid"],
    [[{ op: "copy", path: "/a" }], "Invalid"],
    [[{ op: "remove", path: "a" }], "Invalid"],
  ];
  for (const [patch, reason] of refused) {
    assert.throws(
      () => applyJsonPatch({}, patch),
      (error) => hasReason(error, reason),
      JSON.stringify(patch),
    );
  }
});

test("takes the replacement of a field that is not there for its addition", () => {
  assert.deepEqual(applyJsonPatch({ a: {} }, [{ op: "replace", path: "/a/b", value: 1 }]), { a: { b: 1 } });
  for (const path of ["/b/c", "/l/3"]) {
    assert.throws(
      () => applyJsonPatch({ l: [] }, [{ op: "replace", path, value: 1 }]),
      (error) => hasReason(error, "Invalid"),
    );
  }
});

test("refuses too many operations, and copies that grow without end", () => {
  const many = Array.from({ length: OPERATIONS_MAX + 1 }, () => ({ op: "test", path: "", value: {} }));
  const tooLarge = (error: unknown) => error instanceof ApiError && error.code === 413;
  assert.throws(() => applyJsonPatch({}, many), tooLarge);
  const growing = Array.from({ length: 30 }, (_, i) => ({ op: "copy", from: "/a", path: `/a/x${i}` }));
  assert.throws(() => applyJsonPatch({ a: { text: "x".repeat(100) } }, growing), tooLarge);
});

test("does not reach prototypes", () => {
  for (const path of ["/__proto__", "/__proto__/polluted", "/a/__proto__/x"]) {
    assert.throws(
      () => applyJsonPatch({ a: {} }, [{ op: "add", path, value: {} }]),
      (error) => hasReason(error, "Invalid"),
      path,
    );
  }
});
