import assert from "node:assert/strict";
import { test } from "node:test";
import { codePointCount, codePointsBetween, unitsBefore } from "./code-points.ts";

const TEXTS = ["", "abc", "a🏝b", "🏝🏝", "\ud800a\udc00", "ä€", `${"a".repeat(100)}🏝${"b".repeat(100)}`, "x".repeat(200)];

test("counts and cuts as a list of characters does", () => {
  for (const text of TEXTS) {
    const characters = Array.from(text);
    assert.equal(codePointCount(text), characters.length, text);
    for (const [start, end] of [
      [0, 0],
      [0, 1],
      [1, 3],
      [0, characters.length],
      [99, 103],
    ] as const) {
      if (end > characters.length) continue;
      assert.equal(
        codePointsBetween(text, start, end),
        characters.slice(start, end).join(""),
        `${text} ${start} ${end}`,
      );
      assert.equal(unitsBefore(text, start), characters.slice(0, start).join("").length);
    }
  }
});

test("one long text may be asked about in every round of a loop", () => {
  for (const text of ["a".repeat(1_000_000), `${"a".repeat(1_000_000)}🏝`]) {
    const before = process.threadCpuUsage();
    for (let index = 0; index < 20_000; index++) {
      codePointCount(text);
      assert.equal(codePointsBetween(text, index, index + 1), "a");
    }
    const { user, system } = process.threadCpuUsage(before);
    assert.ok(user + system < 1_000_000, `${user + system} µs`);
  }
});
