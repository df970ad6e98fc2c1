import assert from "node:assert/strict";
import { test } from "node:test";
import { rule, paths } from "../bootstrap/notation.ts";
import { pathAttributes, resourceAttributes as on } from "../test-attributes.ts";
import type { Attributes } from "../authorizer.ts";
import { CompiledRules } from "./compiled-rules.ts";
import { missingRules } from "./rule-coverage.ts";
import { describeRules } from "./rule-text.ts";

test("a rule allows its verbs on its resources, groups and names, and stars mean any", () => {
  const cases: readonly [string, CompiledRules, Attributes, boolean][] = [
    ["what it says", new CompiledRules([rule("get", "core", "pods")]), on("get", "pods"), true],
    ["another verb", new CompiledRules([rule("get", "core", "pods")]), on("list", "pods"), false],
    ["another group", new CompiledRules([rule("get", "apps", "pods")]), on("get", "pods"), false],
    ["a subresource", new CompiledRules([rule("get", "core", "pods")]), on("get", "pods/log"), false],
    ["a subresource named", new CompiledRules([rule("get", "core", "pods/log")]), on("get", "pods/log"), true],
    ["its parent", new CompiledRules([rule("get", "core", "pods/log")]), on("get", "pods"), false],
    ["any verb", new CompiledRules([rule("*", "core", "pods")]), on("impersonate", "pods"), true],
    ["any group", new CompiledRules([rule("get", "*", "pods")]), on("get", "pods"), true],
    ["any resource", new CompiledRules([rule("get", "core", "*")]), on("get", "pods/log"), true],
    ["a subresource of any", new CompiledRules([rule("get", "core", "*/scale")]), on("get", "x/scale"), true],
    ["a subresource of any is no parent", new CompiledRules([rule("get", "core", "*/scale")]), on("get", "x"), false],
    ["a name", new CompiledRules([rule("get", "core", "pods", "a b")]), on("get", "pods", { name: "b" }), true],
    ["another name", new CompiledRules([rule("get", "core", "pods", "a")]), on("get", "pods", { name: "b" }), false],
    ["no name", new CompiledRules([rule("list", "core", "pods", "a")]), on("list", "pods"), false],
    ["a path", new CompiledRules([paths("get", "/metrics")]), pathAttributes("get", "/metrics"), true],
    ["below a path", new CompiledRules([paths("get", "/metrics")]), pathAttributes("get", "/metrics/x"), false],
    ["a path's beginning", new CompiledRules([paths("get", "/api/*")]), pathAttributes("get", "/api/v1"), true],
    ["not the beginning alone", new CompiledRules([paths("get", "/api/*")]), pathAttributes("get", "/api"), false],
    ["any path", new CompiledRules([paths("*", "*")]), pathAttributes("put", "/x"), true],
    ["a path is no resource", new CompiledRules([paths("*", "*")]), on("get", "pods"), false],
    ["a resource is no path", new CompiledRules([rule("*", "*", "*")]), pathAttributes("get", "/x"), false],
    ["nothing", new CompiledRules([]), on("get", "pods"), false],
  ];
  for (const [what, rules, attributes, isAllowed] of cases) assert.equal(rules.allow(attributes), isAllowed, what);
});

test("what is missing is told in the smallest pieces", () => {
  const cases: readonly [string, readonly ReturnType<typeof rule>[], readonly ReturnType<typeof rule>[], string][] = [
    ["the same", [rule("get", "core", "pods")], [rule("get", "core", "pods")], ""],
    ["nothing", [], [], ""],
    ["less", [rule("get list", "core", "pods services")], [rule("get", "core", "services")], ""],
    ["stars", [rule("*", "*", "*")], [rule("get", "core", "pods/log", "x")], ""],
    [
      "a star is asked for",
      [rule("get", "core", "pods")],
      [rule("get", "core", "*")],
      '{APIGroups:[""], Resources:["*"], Verbs:["get"]}',
    ],
    [
      "verbs of one resource together",
      [rule("get", "core", "pods")],
      [rule("get list watch", "core", "pods")],
      '{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
    ],
    [
      "all names where some are held",
      [rule("get", "core", "pods", "a")],
      [rule("get", "core", "pods")],
      '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
    ],
    ["one of the names held", [rule("get", "core", "pods", "a b")], [rule("get", "core", "pods", "b")], ""],
    ["names where all are held", [rule("get", "core", "pods")], [rule("get", "core", "pods", "b")], ""],
    ["a subresource of any", [rule("get", "core", "*/log")], [rule("get", "core", "pods/log")], ""],
    ["paths", [paths("get", "/a/*")], [paths("get", "/a/b /c")], '{NonResourceURLs:["/c"], Verbs:["get"]}'],
    ["pieces of several rules", [rule("get", "core", "a"), rule("get", "core", "b")], [rule("get", "core", "a b")], ""],
  ];
  for (const [what, held, wanted, text] of cases) assert.equal(describeRules(missingRules(held, wanted)), text, what);
});
