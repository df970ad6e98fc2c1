import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson, parseYaml, repetitionsOf } from "./parse-body.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("says which fields stand in a body twice, and takes the last", () => {
  const json = parseJson(bytesOf('{"spec": {"foo": 1, "foo": 2}}'));
  assert.deepEqual(json.value, { spec: { foo: 2 } });
  assert.deepEqual(repetitionsOf(json), ['duplicate field "spec.foo"']);
  const yaml = parseYaml(bytesOf("\nspec:\n  foo: foo1\n  foo: foo2\n  list:\n  - a: 1\n    b: 2\n    a: 3\n"));
  assert.deepEqual(yaml.value, { spec: { foo: "foo2", list: [{ a: 3, b: 2 }] } });
  assert.deepEqual(repetitionsOf(yaml), [
    'yaml: unmarshal errors:\n  line 4: key "foo" already set in map\n  line 8: key "a" already set in map',
  ]);
  assert.deepEqual(repetitionsOf(parseYaml(bytesOf("a: 1\nb: {a: 2}\n"))), []);
});
