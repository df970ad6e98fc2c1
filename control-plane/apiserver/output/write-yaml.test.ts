import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { writeYaml } from "./write-yaml.ts";

const FORM = { version: "1.1", lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false } as const;

test("writes an object as Kubernetes does", () => {
  const pod = {
    apiVersion: "v1",
    metadata: { name: "a", labels: {}, annotations: { "b/c": "true", a: "1", text: "one\n  two\n\nthree\n" } },
    spec: { containers: [{ name: "x", args: ["-v", ""], ports: [{ containerPort: 80 }] }, {}], list: [[1, [2]], []] },
    status: null,
  };
  assert.equal(
    writeYaml(pod),
    `apiVersion: v1
metadata:
  annotations:
    a: "1"
    b/c: "true"
    text: |
      one
        two

      three
  labels: {}
  name: a
spec:
  containers:
  - args:
    - -v
    - ""
    name: x
    ports:
    - containerPort: 80
  - {}
  list:
  - - 1
    - - 2
  - []
status: null
`,
  );
});

test("puts keys in order by the numbers in them, as Kubernetes does", () => {
  const keys = ["a10", "a2", "B", "a", "1", "0", "_", "a-b", "a.b", "ab", "a01", "a1", "10", "é", ""];
  const lines = writeYaml(Object.fromEntries(keys.map((key) => [key, null])))
    .trimEnd()
    .split("\n");
  const written = lines.map((line) => Object.keys(parse(line))[0]);
  const order = ["", "_", "0", "1", "10", "B", "a", "a-b", "a.b", "a1", "a01", "a2", "a10", "ab", "é"];
  assert.deepEqual(written, order);
});

test("writes what the library writes of any value", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom(
      "yes",
      "No",
      "~",
      "null",
      "1e3",
      "0x1f",
      "1_000",
      "12:30",
      "2020-01-01",
      "- a",
      "a: b",
      "#",
      "|",
      " a",
    ),
    fc
      .array(fc.constantFrom("line", "  indented", "", "# no remark", "- item", "tab\t"), { maxLength: 5 })
      .map((lines) => lines.join("\n")),
  );
  // One key in each map: in what order several stand is another test's.
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie("list"),
      tie("map"),
    ),
    list: fc.array(tie("value"), { maxLength: 4 }),
    map: fc.dictionary(text, tie("value"), { maxKeys: 1 }),
  }));
  fc.assert(
    fc.property(value, (drawn) => {
      const json = JSON.parse(JSON.stringify(drawn));
      assert.equal(writeYaml(json), stringify(json, FORM));
    }),
    { numRuns: 500 },
  );
});
