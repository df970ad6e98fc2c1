import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LeftLists } from "@atoll/base/steps";
import fc from "fast-check";
import {
  differenceOf,
  intersectionOf,
  listPaths,
  readFieldSet,
  setOf,
  sortSet,
  unionOf,
  withoutSubtrees,
} from "./field-set.ts";
import { canonicalElement, describePath, keyElement } from "./path-element.ts";
import { pathTexts } from "./test-things.ts";

const path = fc.array(fc.constantFrom("f:a", "f:b", 'k:{"name":"a"}', 'v:"a"'), { minLength: 1, maxLength: 3 });
const setArbitrary = fc.array(path, { maxLength: 8 }).map(setOf);

describe("field sets", () => {
  test("are what sets of paths are", () => {
    fc.assert(
      fc.property(setArbitrary, setArbitrary, (left, right) => {
        const [leftTexts, rightTexts] = [pathTexts(left), pathTexts(right)];
        assert.deepEqual(pathTexts(unionOf(left, right)), leftTexts.union(rightTexts));
        assert.deepEqual(pathTexts(intersectionOf(left, right)), leftTexts.intersection(rightTexts));
        assert.deepEqual(pathTexts(differenceOf(left, right)), leftTexts.difference(rightTexts));
        const isBelow = (text: string) => [...rightTexts].some((root) => text === root || text.startsWith(`${root}/`));
        assert.deepEqual(
          pathTexts(withoutSubtrees(left, right)),
          new Set([...leftTexts].filter((text) => !isBelow(text))),
        );
      }),
    );
  });

  test("of many fields take as long as they have fields", () => {
    const paths = Array.from({ length: 30_000 }, (_, index) => ["f:data", `f:k${index}`]);
    const started = performance.now();
    assert.equal(listPaths(setOf([...paths, []])).length, paths.length);
    // A few hundredths of a second; looking through all for each would take minutes.
    assert.ok(performance.now() - started < 3000);
  });

  test("are read as they are written, whatever the order", () => {
    fc.assert(
      fc.property(setArbitrary, (set) => {
        assert.deepEqual(pathTexts(readFieldSet(JSON.parse(JSON.stringify(set)))), pathTexts(set));
        const sorted = sortSet(set, new LeftLists());
        assert.deepEqual(sorted, set);
        assert.equal(sortSet(sorted, new LeftLists()), sorted);
      }),
    );
    const unsorted = {
      "f:b": {},
      'k:{"port":80}': {},
      "f:a": { "f:z": {}, ".": {} },
      'k:{"port":9}': {},
      "i:2": {},
      'v:"x"': {},
    };
    assert.equal(
      JSON.stringify(sortSet(unsorted, new LeftLists())),
      '{"f:a":{".":{},"f:z":{}},"f:b":{},"k:{\\"port\\":9}":{},"k:{\\"port\\":80}":{},"v:\\"x\\"":{},"i:2":{}}',
    );
  });

  test("of many items are sorted in steps", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    const fields = { "f:b": {}, "f:a": {} };
    const set = Object.fromEntries(names.map((name) => [keyElement([["name", name]]), fields]));
    const left = new LeftLists();
    const sorted = sortSet({ "f:list": set }, left);
    assert.ok([...left.finish()].length >= names.length, "others can have their turn between the items");
    const expected = names.sort().map((name) => `${JSON.stringify(keyElement([["name", name]]))}:{"f:a":{},"f:b":{}}`);
    assert.equal(JSON.stringify(sorted), `{"f:list":{${expected.join(",")}}}`);
  });

  test("know one element by all its spellings", () => {
    assert.equal(canonicalElement('k:{ "b": 1.0, "a": "<" }'), 'k:{"a":"\\u003c","b":1}');
    assert.equal(canonicalElement("v: true"), "v:true");
    assert.equal(canonicalElement("x:unknown"), undefined);
    assert.throws(() => canonicalElement("k:[]"), SyntaxError);
    assert.throws(() => readFieldSet({ "v:{": {} }), SyntaxError);
    assert.throws(() => readFieldSet({ "f:a": 1 }), SyntaxError);
    assert.deepEqual(readFieldSet({ 'k:{"a":1}': {}, 'k:{"a":1.0}': { "f:x": {} } }), {
      'k:{"a":1}': { ".": {}, "f:x": {} },
    });
  });

  test("order items by what names them, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 6 }), fc.boolean(), (names, isLong) => {
        const elements = names.map((name) =>
          keyElement(
            isLong
              ? [
                  ["name", name],
                  ["other", 1],
                ]
              : [["name", name]],
          ),
        );
        const sorted = Object.keys(sortSet(setOf(elements.map((element) => [element])), new LeftLists()));
        assert.deepEqual(
          sorted.map((element) => JSON.parse(element.slice(2)).name),
          names.toSorted((left, right) => (left < right ? -1 : 1)),
        );
      }),
    );
  });

  test("are shown as people read paths", () => {
    assert.equal(
      describePath(["f:spec", 'k:{"name":"a","port":1}', 'v:"x"', "i:3"]),
      '.spec[name="a",port=1][="x"][3]',
    );
  });
});
