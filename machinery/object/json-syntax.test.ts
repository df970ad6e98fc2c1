import assert from "node:assert/strict";
import { test } from "node:test";
import { describeBadJson } from "./json-syntax.ts";

const END = "unexpected end of JSON input";

/** What Go's decoder says of each. */
const CASES: readonly (readonly [text: string, fault: string | undefined])[] = [
  ['{"a": [1, -0.5e+3, "\\u00e4\\n", true, false, null], "b": {}}', undefined],
  ["", END],
  [" \n", END],
  ["{", END],
  ['{"a"', END],
  ['{"a":', END],
  ['{"a":1', END],
  ["[1,", END],
  ['"abc', END],
  ['"abc\\', "invalid character ' ' in string escape code"],
  ["x", "invalid character 'x' looking for beginning of value"],
  ["\ufeff{}", "invalid character 'ï' looking for beginning of value"],
  ["[,]", "invalid character ',' looking for beginning of value"],
  ["[1,]", "invalid character ']' looking for beginning of value"],
  ["{a}", "invalid character 'a' looking for beginning of object key string"],
  ["{,", "invalid character ',' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
  ['["a" "b"]', "invalid character '\"' after array element"],
  ["{} x", "invalid character 'x' after top-level value"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"a\u0001b"', "invalid character '\\x01' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ["-x", "invalid character 'x' in numeric literal"],
  ["-", "invalid character ' ' in numeric literal"],
  ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ["1e+x", "invalid character 'x' in exponent of numeric literal"],
  ["01", "invalid character '1' after top-level value"],
  ["trux", "invalid character 'x' in literal true (expecting 'e')"],
  ["fal", "invalid character ' ' in literal false (expecting 's')"],
  ["nil", "invalid character 'i' in literal null (expecting 'u')"],
];

test("says where a text stops being JSON as Go says it", () => {
  for (const [text, fault] of CASES) {
    assert.equal(describeBadJson(new TextEncoder().encode(text)), fault, JSON.stringify(text));
  }
});
