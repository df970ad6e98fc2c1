import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { applySchemaDefaults, dropWrongNulls, hasDefaults } from "./defaults.ts";
import { fitsFormat } from "./formats.ts";
import { findByPath, parseJsonPath } from "./json-path.ts";
import { pruneObject } from "./prune.ts";
import type { StructuralSchema } from "./structural-schema.ts";
import { validateValue } from "./validate.ts";

const names = fc.constantFrom("a", "b", "c", "apiVersion", "__proto__");
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, 1, "x", true),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const schemas = fc.letrec<{ schema: StructuralSchema; object: StructuralSchema }>((tie) => ({
  object: fc
    .record({
      fields: fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), tie("schema")), { maxLength: 3 }),
      keeps: fc.boolean(),
    })
    .map(({ fields, keeps }) => ({
      type: "object",
      properties: Object.fromEntries(fields),
      ...(keeps ? { "x-kubernetes-preserve-unknown-fields": true } : {}),
    })),
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<StructuralSchema>(
      { type: "string", default: "d" },
      { type: "integer", nullable: true },
      { type: "object", default: {}, properties: { a: { type: "string", default: "deep" } } },
    ),
    tie("object"),
    tie("schema").map((items) => ({ type: "array", items })),
    tie("schema").map((additionalProperties) => ({ type: "object", additionalProperties })),
  ),
}));

describe("pruning and defaulting", () => {
  test("change nothing the second time", () => {
    fc.assert(
      fc.property(schemas.object, values, (schema, value) => {
        const object = { spec: value };
        const root: StructuralSchema = { type: "object", properties: { spec: schema } };
        pruneObject(object, root);
        applySchemaDefaults(object, root);
        const once = structuredClone(object);
        assert.deepEqual(pruneObject(object, root), []);
        applySchemaDefaults(object, root);
        assert.deepEqual(object, once);
      }),
      { numRuns: 300 },
    );
  });

  test("take out what is unknown, but for what a schema keeps", () => {
    const schema: StructuralSchema = {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            kept: {
              type: "object",
              "x-kubernetes-preserve-unknown-fields": true,
              properties: { x: { type: "object" } },
            },
            list: { type: "array", items: { type: "object", properties: { a: { type: "string" } } } },
          },
        },
      },
    };
    const object = {
      apiVersion: "v1",
      spec: { kept: { any: { deep: 1 }, x: { gone: 1 } }, list: [{ a: "1", b: "2" }], other: {} },
      extra: 1,
    };
    assert.deepEqual(pruneObject(object, schema), ["extra", "spec.kept.x.gone", "spec.list[0].b", "spec.other"]);
    assert.deepEqual(object, { apiVersion: "v1", spec: { kept: { any: { deep: 1 }, x: {} }, list: [{ a: "1" }] } });
  });

  test("put the default for null where null may not stand, and keep or drop null without one", () => {
    const properties: StructuralSchema["properties"] = {
      a: { type: "string", default: "x" },
      b: { type: "string" },
      c: { type: "string", nullable: true, default: "y" },
    };
    const schema: StructuralSchema = { type: "object", properties };
    const list: StructuralSchema = { type: "array", items: { type: "string", default: "z" } };
    const value = { a: null, b: null, c: null };
    applySchemaDefaults(value, schema);
    assert.deepEqual(value, { a: "x", b: null, c: null });
    dropWrongNulls(value, schema);
    assert.deepEqual(value, { a: "x", c: null });
    const items = [null];
    dropWrongNulls(items, list);
    applySchemaDefaults(items, list);
    assert.deepEqual(items, ["z"]);
    assert.equal(hasDefaults({ type: "object", properties }), true);
    assert.equal(hasDefaults({ type: "array", items: { type: "string" } }), false);
  });
});

describe("validation", () => {
  const messages = (value: unknown, schema: StructuralSchema) =>
    validateValue(value, schema, "spec.x").map(({ field, message }) => `${field}: ${message}`);

  test("a format that nobody knows limits nothing", () => {
    for (const format of ["x", "constructor", "toString", "__proto__"]) {
      assert.deepEqual(messages(2 ** 40, { type: "integer", format }), []);
      assert.deepEqual(messages("x", { type: "string", format }), []);
    }
  });

  test("says what upstream says", () => {
    const table: [unknown, StructuralSchema, string[]][] = [
      ["abc", { type: "string", maxLength: 2 }, ["spec.x: Too long: may not be more than 2 bytes"]],
      [
        "",
        { type: "string", minLength: 1 },
        ['spec.x: Invalid value: "": spec.x in body should be at least 1 chars long'],
      ],
      [
        1,
        { minimum: 1, exclusiveMinimum: true },
        ["spec.x: Invalid value: 1: spec.x in body should be greater than 1"],
      ],
      [7, { multipleOf: 2 }, ["spec.x: Invalid value: 7: spec.x in body should be a multiple of 2"]],
      [0.7, { multipleOf: 0.5 }, ["spec.x: Invalid value: 0.7: spec.x in body should be a multiple of 0.5"]],
      [7, { multipleOf: 0.5 }, ["spec.x: Invalid value: 0: factor MultipleOf declared for spec.x must be positive: 0"]],
      ...["a.example", "host", "1-host"].map((text): [unknown, StructuralSchema, string[]] => [
        text,
        { type: "string", format: "hostname" },
        [],
      ]),
      ...["10.0.0.1", "my-host", "-a.example"].map((text): [unknown, StructuralSchema, string[]] => [
        text,
        { type: "string", format: "hostname" },
        [`spec.x: Invalid value: "${text}": spec.x in body must be of type hostname: "${text}"`],
      ]),
      [[], { type: "array", minItems: 1 }, ["spec.x: Invalid value: 0: spec.x in body should have at least 1 items"]],
      [[1, 2], { type: "array", maxItems: 1 }, ["spec.x: Too many: 2: must have at most 1 items"]],
      [
        [null],
        { type: "array", items: { type: "string" } },
        ['spec.x[0]: Invalid value: "null": spec.x[0] in body must be of type string: "null"'],
      ],
      [
        "now",
        { type: "string", format: "date-time" },
        ['spec.x: Invalid value: "now": spec.x in body must be of type date-time: "now"'],
      ],
      [{}, { required: ["a"] }, ["spec.x.a: Required value"]],
      [
        {},
        { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
        [
          ': Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid',
          "spec.x.a: Required value",
        ],
      ],
      [{ a: 1 }, { not: { required: ["a"] } }, [': Invalid value: "": "spec.x" must not validate the schema (not)']],
    ];
    for (const [value, schema, expected] of table) assert.deepEqual(messages(value, schema), expected);
  });

  test("knows the formats", () => {
    const good: [string, string][] = [
      ["date-time", "2026-01-02T03:04:05Z"],
      ["ipv4", "10.0.0.1"],
      ["ipv6", "fe80::1"],
      ["cidr", "10.0.0.0/8"],
      ["uuid", "123e4567-e89b-12d3-a456-426614174000"],
      ["unheard-of", "anything"],
    ];
    const bad: [string, string][] = [
      ["date-time", "2026-01-02"],
      ["ipv4", "10.0.0.256"],
      ["ipv6", "fe80::g"],
      ["cidr", "10.0.0.0/33"],
      ["mac", "00:11:22:33:44"],
    ];
    for (const [format, text] of good) assert.equal(fitsFormat(format, text), true, `${format} ${text}`);
    for (const [format, text] of bad) assert.equal(fitsFormat(format, text), false, `${format} ${text}`);
  });
});

test("a JSON path finds fields, items and those that a filter lets through", () => {
  const object = {
    metadata: { labels: { "app.kubernetes.io/name": "web" } },
    items: [
      { type: "Ready", status: "True" },
      { type: "Other", status: "False" },
    ],
  };
  const find = (path: string) => findByPath(object, parseJsonPath(path) ?? []);
  assert.deepEqual(find(".metadata.labels['app\\.kubernetes\\.io/name']"), ["web"]);
  assert.deepEqual(find(".metadata.labels.app\\.kubernetes\\.io/name"), ["web"]);
  assert.deepEqual(find('.items[?(@.type=="Ready")].status'), ["True"]);
  assert.deepEqual(find(".items[*].type"), ["Ready", "Other"]);
  assert.deepEqual(find(".items[-1].status"), ["False"]);
  assert.equal(parseJsonPath(".a[?("), undefined);
});
