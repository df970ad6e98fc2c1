import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonIndenter } from "./json-indenter.ts";

const VALUES: readonly unknown[] = [
  {},
  [],
  null,
  "text",
  { a: [], b: {}, c: [[], [{}]], d: 'in: {"quotes": [1, 2]} \\ end\\\\', "e \n": "ä€\u{1f680}" },
  [{ a: 1.5e300, b: [true, false, null, -0.1] }, "x,y:z", ["", { "": "" }]],
];

test("indents as JSON.stringify does, wherever the bytes are cut", () => {
  for (const value of VALUES) {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    for (const size of [1, 2, 7, bytes.length]) {
      const indenter = new JsonIndenter();
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(indenter.take(bytes.subarray(at, at + size)));
      assert.equal(Buffer.concat(pieces).toString(), JSON.stringify(value, undefined, 2));
    }
  }
});
