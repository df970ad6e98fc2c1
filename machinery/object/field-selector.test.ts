import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatFieldSelector, matchesFieldSelector, parseFieldSelector } from "./field-selector.ts";

function matches(text: string, fields: Readonly<Record<string, string>>): boolean {
  const result = parseFieldSelector(text);
  if ("error" in result) assert.fail(result.error);
  return matchesFieldSelector(result.requirements, (field) => fields[field] ?? "");
}

test("compares fields with the values asked for", () => {
  const fields = { "metadata.name": "a", "status.phase": "Running", odd: "a,b=c\\d" };
  assert.equal(matches("", fields), true);
  assert.equal(matches("metadata.name=a,status.phase!=Failed", fields), true);
  assert.equal(matches("metadata.name==a", fields), true);
  assert.equal(matches("metadata.name!=a", fields), false);
  assert.equal(matches("spec.nodeName=", fields), true);
  assert.equal(matches("odd=a\\,b\\=c\\\\d", fields), true);
});

test("refuses terms without an operator or with a stray escape", () => {
  for (const text of ["a", "a=b,c", "a=b=c", "a=b\\x", "a=\\"]) assert.ok("error" in parseFieldSelector(text), text);
});

test("reads back what it wrote", () => {
  const requirement = fc.record(
    {
      field: fc.stringMatching(/^[a-z]{1,5}(\.[a-z]{1,5})?$/),
      operator: fc.constantFrom<"Equals" | "NotEquals">("Equals", "NotEquals"),
      value: fc.string(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(requirement, { maxLength: 5 }), (requirements) => {
      assert.deepEqual(parseFieldSelector(formatFieldSelector(requirements)), { requirements });
    }),
  );
});
