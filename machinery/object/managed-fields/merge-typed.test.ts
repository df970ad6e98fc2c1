import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isDeepEqual } from "../deep-equal.ts";
import { collectFields } from "./collect-fields.ts";
import { compareTyped } from "./compare-typed.ts";
import { mergeTyped } from "./merge-typed.ts";
import { pathTexts, thingArbitrary, thingShape } from "./test-things.ts";

describe("merging", () => {
  test("says all that either says, and what is applied where both do", () => {
    fc.assert(
      fc.property(thingArbitrary, thingArbitrary, (live, configuration) => {
        const merged = mergeTyped(thingShape, live, configuration);
        const all = pathTexts(collectFields(thingShape, merged));
        for (const text of pathTexts(collectFields(thingShape, configuration))) {
          // An empty map is a field of its own only while it stays empty.
          assert.ok(all.has(text) || /(labels|child|selector)$/.test(text), text);
        }
        const { modified, removed } = compareTyped(thingShape, configuration, merged);
        assert.deepEqual([modified, removed], [{}, {}]);
        assert.deepEqual(compareTyped(thingShape, live, merged).removed, {});
        assert.ok(isDeepEqual(mergeTyped(thingShape, merged, configuration), merged));
      }),
    );
  });

  test("keeps the order of the applied list, and the others' items where they were", () => {
    const of = (...names: string[]) => ({ spec: { items: names.map((name) => ({ name })) } });
    assert.deepEqual(mergeTyped(thingShape, of("a", "x", "b", "y"), of("b", "a")), of("x", "b", "y", "a"));
    assert.deepEqual(mergeTyped(thingShape, of("x", "a", "b"), of("a", "n", "b")), of("x", "a", "n", "b"));
  });
});
