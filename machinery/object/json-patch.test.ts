import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, hasReason } from "./api-error.ts";
import { applyJsonPatch, isFailedTest, OPERATIONS_MAX } from "./json-patch.ts";

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
    [{ op: "add", path: "", value: {} }],
    [{ op: "move", from: "/b", path: "/c" }],
    [{ op: "replace", path: "", value: "x" }],
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
    [[null], "Invalid"],
    [[{ op: "jump", path: "/a", value: 1 }], "Invalid"],
    [[{ op: 1, path: "/a", value: 1 }], "Invalid"],
    [[{ op: "add", path: 1, value: 1 }], "Invalid"],
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
  assert.throws(
    () => applyJsonPatch({}, many),
    (error) => error instanceof ApiError && error.code === 413,
  );
  const growing = Array.from({ length: 30 }, (_, i) => ({ op: "copy", from: "/a", path: `/a/x${i}` }));
  assert.throws(
    () => applyJsonPatch({ a: { text: "x".repeat(100) } }, growing),
    (error) => hasReason(error, "Invalid"),
  );
});

test("does not reach prototypes", () => {
  for (const path of ["/__proto__/polluted", "/a/__proto__/x", "/constructor/prototype/x", "/a/toString/x"]) {
    for (const op of ["add", "replace", "remove"]) {
      assert.throws(
        () => applyJsonPatch({ a: {} }, [{ op, path, value: {} }]),
        (error) => hasReason(error, "Invalid"),
        `${op} ${path}`,
      );
    }
  }
  assert.throws(() => applyJsonPatch({}, [{ op: "remove", path: "/x/hasOwnProperty" }]), ApiError);
  assert.throws(() => applyJsonPatch({}, [{ op: "remove", path: "/toString" }]), ApiError);
  assert.deepEqual(applyJsonPatch({}, [{ op: "copy", from: "/toString", path: "/a" }]), { a: null });
  const named = applyJsonPatch({ a: 1 }, [{ op: "add", path: "/__proto__", value: { b: 1 } }]);
  assert.equal(JSON.stringify(named), '{"a":1,"__proto__":{"b":1}}');
});

test("reads indexes and what is not there as upstream does", () => {
  const list = (patch: unknown) => (applyJsonPatch({ l: [1, 2, 3] }, [patch]) as { l: unknown }).l;
  assert.deepEqual(list({ op: "add", path: "/l/-1", value: 4 }), [1, 2, 3, 4]);
  assert.deepEqual(list({ op: "add", path: "/l/-4", value: 4 }), [4, 1, 2, 3]);
  assert.deepEqual(list({ op: "replace", path: "/l/-1", value: 4 }), [1, 2, 4]);
  assert.deepEqual(list({ op: "remove", path: "/l/+0" }), [2, 3]);
  assert.deepEqual(list({ op: "copy", from: "/l/01", path: "/l/-" }), [1, 2, 3, 2]);
  for (const index of ["4", "-5", "x", "", "1e0", "1.0", "99999999999999999999"]) {
    assert.throws(() => list({ op: "add", path: `/l/${index}`, value: 1 }), ApiError, index);
  }
  assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: "add", path: "/b" }]), { a: 1, b: null });
  assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: "copy", from: "/b", path: "/c" }]), { a: 1, c: null });
  assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: "test", path: "/b" }]), { a: 1 });
  assert.deepEqual(applyJsonPatch({ a: {} }, [{ op: "add", path: "x/a", value: 1 }]), { a: 1 });
  assert.throws(() => applyJsonPatch({ a: 1 }, [{ op: "test", path: "/a" }]), isFailedTest);
});

test("changes no copy of what it copied, and nothing of the patch", () => {
  const patch = [
    { op: "add", path: "/b", value: { c: [1] } },
    { op: "copy", from: "/b", path: "/d" },
    { op: "add", path: "/b/c/-", value: 2 },
    { op: "replace", path: "/d/c/0", value: 3 },
  ];
  const before = structuredClone(patch);
  assert.deepEqual(applyJsonPatch({}, patch), { b: { c: [1, 2] }, d: { c: [3] } });
  assert.deepEqual(patch, before);
});

test("takes ten thousand operations on a large document in a moment", () => {
  const list = Array.from({ length: 10_000 }, (_, index) => ({ index }));
  const patch = list.map((_, index) => ({ op: "add", path: `/l/${index}/more`, value: index }));
  const started = process.threadCpuUsage();
  applyJsonPatch({ l: list, big: Array(100_000).fill("x") }, patch);
  const { user, system } = process.threadCpuUsage(started);
  assert.ok(user + system < 500_000, `${user + system} µs`);
});
