import assert from "node:assert/strict";
import { test } from "node:test";
import { trimEnd } from "./trim-end.ts";

test("takes away what a text ends with, and nothing else", () => {
  const table = [
    ["/a//b///", "/a//b"],
    ["///", ""],
    ["", ""],
    ["a", "a"],
  ] as const;
  for (const [text, trimmed] of table) assert.equal(trimEnd(text, "/"), trimmed);
  const long = `${"/".repeat(3_000_000)}x`;
  assert.equal(trimEnd(long, "/"), long);
});
