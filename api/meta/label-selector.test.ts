import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatRequirements,
  type LabelRequirement,
  matchesLabels,
  requirementsOf,
  selectsLabels,
} from "./label-selector.ts";
import { parseLabelSelector } from "./label-selector-text.ts";

function parse(text: string): readonly LabelRequirement[] {
  const result = parseLabelSelector(text);
  if ("error" in result) assert.fail(result.error);
  return result.requirements;
}

test("selects by every operator of the text form", () => {
  const labels = { app: "web", tier: "front", size: "12", empty: "" };
  const table: readonly (readonly [string, boolean])[] = [
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web , tier=front", true],
    ["app!=web", false],
    ["none!=x", true],
    ["app in (web,api)", true],
    ["app in (api)", false],
    ["app notin (api,db)", true],
    ["none notin (a)", true],
    ["app", true],
    ["!app", false],
    ["!none", true],
    ["size>11", true],
    ["size<11", false],
    ["app>1", false],
    ["empty=", true],
    ["empty in (,x)", true],
    ["constructor", false],
  ];
  for (const [text, expected] of table) assert.equal(matchesLabels(parse(text), labels), expected, text);
});

test("refuses a selector that makes no sense", () => {
  for (const text of ["=a", "a=b=c", "a in b", "a in (b", "a,,b", "!a=b", "-a", "a=-b", "a>b", "a b", "x/y/z=1"]) {
    assert.ok("error" in parseLabelSelector(text), text);
  }
});

test("says what is wrong in upstream's words", () => {
  const table: readonly (readonly [string, string])[] = [
    ["=,a=1", "found '=', expected: !, identifier, or 'end of string'"],
    ["a=1,", "found '', expected: identifier after ','"],
    ["x y", "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a==!", "unable to parse requirement: found '!', expected: identifier"],
    ["a in b", "unable to parse requirement: found 'b' expected: '('"],
    [
      "a>x",
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
  ];
  for (const [text, expected] of table) {
    const result = parseLabelSelector(text);
    assert.equal("error" in result && result.error, expected, text);
  }
});

test("selects nothing without a selector and everything with an empty one", () => {
  assert.equal(selectsLabels(undefined, { a: "b" }), false);
  assert.equal(selectsLabels({}, undefined), true);
});

test("writes the object form as text", () => {
  const requirements = requirementsOf({
    matchLabels: { b: "1" },
    matchExpressions: [
      { key: "a", operator: "NotIn", values: ["y", "x"] },
      { key: "c", operator: "Exists" },
    ],
  });
  assert.equal(formatRequirements(requirements), "a notin (x,y),b=1,c");
});

const word = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,8}[a-z0-9])?$/);
const requirement = fc.oneof(
  fc.record({
    key: word,
    operator: fc.constantFrom<LabelRequirement["operator"]>("In", "NotIn"),
    values: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((values) => values.sort()),
  }),
  fc.record({
    key: word,
    operator: fc.constantFrom<LabelRequirement["operator"]>("Exists", "DoesNotExist"),
    values: fc.constant<string[]>([]),
  }),
);

test("means the same after writing and reading", () => {
  const labels = fc.dictionary(word, word, { maxKeys: 4 });
  fc.assert(
    fc.property(fc.array(requirement, { maxLength: 4 }), labels, (requirements, object) => {
      const again = parse(formatRequirements(requirements));
      assert.equal(matchesLabels(again, object), matchesLabels(requirements, object));
    }),
  );
});
