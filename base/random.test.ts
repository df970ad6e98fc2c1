import assert from "node:assert/strict";
import { test } from "node:test";
import { randomName, randomUuid, seededRandom, systemRandom } from "./random.ts";

test("writes a UUID of version 4 in its five groups", () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (let seed = 0; seed < 200; seed++) assert.match(randomUuid(seededRandom(seed)), pattern);
});

test("gives out no random byte twice, whatever is asked for in between", () => {
  const seen = new Set<string>();
  const lengths = [8, 16, 33, 1000, 2048, 2049, 5000];
  for (let round = 0; round < 300; round++) {
    const bytes = systemRandom.bytes(lengths[round % lengths.length] ?? 8);
    assert.equal(bytes.length, lengths[round % lengths.length]);
    seen.add(Buffer.from(bytes.subarray(0, 8)).toString("hex"));
  }
  // Eight bytes that come twice, or are zero, in three hundred draws are no chance.
  assert.equal(seen.size, 300);
  assert.ok(!seen.has("0000000000000000"));
});

test("draws floats from the whole range below one", () => {
  const floats = Array.from({ length: 1000 }, () => systemRandom.float());
  assert.ok(floats.every((value) => value >= 0 && value < 1));
  assert.ok(Math.min(...floats) < 0.1 && Math.max(...floats) > 0.9);
});

test("writes names of the length asked for", () => {
  assert.match(randomName(systemRandom, 5), /^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});
