import assert from "node:assert/strict";
import { test } from "node:test";
import { readBody } from "@atoll/machinery/client/transport";
import { PiecedBody } from "./pieced-body.ts";

/** Parts of many lengths, a few of them longer than any piece, and what they are together. */
function bodyOf(lengths: readonly number[]): { readonly body: PiecedBody; readonly expected: Buffer } {
  const parts = lengths.map((length, index) => Buffer.alloc(length, index + 1));
  const expected = Buffer.concat(parts);
  return { body: new PiecedBody(expected.length, () => parts), expected };
}

const CASES: readonly (readonly number[])[] = [
  [],
  [0],
  [5, 0, 7],
  [128 * 1024],
  [128 * 1024 + 1],
  [1, 128 * 1024],
  [300_000, 3, 400_000, 50],
  Array.from({ length: 3000 }, (_, index) => index % 211),
];

test("gives all parts, in pieces and as a whole", async () => {
  for (const lengths of CASES) {
    const { body, expected } = bodyOf(lengths);
    const pieces = await Array.fromAsync(body);
    assert.ok(Buffer.concat(pieces).equals(expected));
    assert.ok(pieces.every(({ length }) => length > 0 && length <= 128 * 1024));
    assert.equal(body.isShort, expected.length <= 128 * 1024);
    assert.ok(expected.equals(body.whole()));
  }
});

test("can be read more than once", async () => {
  const { body, expected } = bodyOf([200_000, 1]);
  assert.ok(expected.equals(await readBody(body)));
  assert.ok(expected.equals(await readBody(body)));
});
