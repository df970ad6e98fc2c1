import assert from "node:assert/strict";
import { test } from "node:test";
import { withWarnings } from "./warnings.ts";

const headerOf = (...warnings: string[]) =>
  withWarnings({ status: 200, headers: {}, body: new Uint8Array() }, warnings).headers.warning;

test("a warning is told as a whole, once, and quoted", () => {
  const long = "a".repeat(1000);
  assert.equal(headerOf(long, long, 'say "b"'), `299 - "${long}", 299 - "say \\"b\\""`);
  assert.equal(headerOf(), undefined);
});

test("where all of them are too long together, each is cut, and the last are left out", () => {
  const texts = Array.from({ length: 30 }, (_, i) => `${i} ${"a".repeat(300)}`);
  const told = headerOf(...texts)?.split(", ") ?? [];
  assert.equal(told.length, 16);
  assert.equal(told[0], `299 - "${texts[0]?.slice(0, 256)}"`);
});

test("a hundred thousand take a moment", () => {
  const { user: before } = process.threadCpuUsage();
  assert.equal(headerOf(...Array.from({ length: 100_000 }, (_, i) => `w${i}`))?.split(", ").length, 1042);
  const { user: after } = process.threadCpuUsage();
  assert.ok(after - before < 1_000_000, `${after - before} µs`);
});
