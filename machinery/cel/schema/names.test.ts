import assert from "node:assert/strict";
import { test } from "node:test";
import { CelMap } from "../values/values.ts";
import { bindValue } from "./bind.ts";
import { escapeName, unescapeName } from "./escape.ts";

test("names are escaped and read back", () => {
  for (const name of ["a", "a.b", "a-b", "a/b", "a__b", "namespace", "constructor"]) {
    assert.equal(unescapeName(escapeName(name) ?? ""), name);
  }
  assert.equal(unescapeName("a__dash__b"), "a-b");
});

test("there are no escapes but those that there are", () => {
  for (const escaped of ["__other__", "__constructor__", "a__valueOf__"])
    assert.equal(unescapeName(escaped), undefined);
});

test("a field that the schema does not describe is not there", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "string" } },
    "x-kubernetes-preserve-unknown-fields": true,
  };
  const bound = bindValue({ a: "x", b: "y", constructor: "z" }, schema);
  assert.ok(bound instanceof CelMap);
  assert.equal(bound.get("a"), "x");
  assert.equal(bound.get("b"), undefined);
  assert.equal(bound.get("constructor"), undefined);
});
