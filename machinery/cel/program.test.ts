import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { baseEnvironment } from "./base-environment.ts";
import { BOOL, DYN, STRING } from "./check/cel-type.ts";
import { extendEnvironment } from "./check/environment.ts";
import { compile, type Program } from "./program.ts";
import { toCel } from "./values/json.ts";
import { CelError, type CelValue } from "./values/values.ts";

const environment = extendEnvironment(baseEnvironment(), { variables: { self: DYN } });

function program(expression: string): Program {
  const compiled = compile(expression, environment);
  if ("error" in compiled) assert.fail(compiled.error);
  return compiled.program;
}

function run(expression: string, self: unknown = {}): { readonly value: CelValue; readonly cost: number } {
  const { value, cost } = program(expression).run({ self: toCel(self) });
  return { value, cost };
}

describe("compile", () => {
  test("shows what is wrong, and where", () => {
    const compiled = compile("self.a &&\n  missing(1)", environment);
    assert.deepEqual(compiled, {
      error: [
        "compilation failed: ERROR: <input>:2:10: undeclared reference to 'missing' (in container '')",
        " |   missing(1)",
        " | .........^",
      ].join("\n"),
    });
  });

  test("refuses a result of another type", () => {
    assert.deepEqual(compile("1 + 1", environment, { results: [BOOL] }), {
      error: "must evaluate to bool but got int",
    });
    assert.deepEqual(compile("1.0", environment, { results: [BOOL, STRING] }), {
      error: "must evaluate to one of [bool string] but got double",
    });
  });

  test("ends at the limits of depth and length", () => {
    for (const expression of ["(".repeat(5000), "1+".repeat(5000), "!".repeat(50_000), "self.a".repeat(30_000)]) {
      assert.ok("error" in compile(expression, environment));
    }
  });
});

describe("a program", () => {
  test("charges every step", () => {
    assert.deepEqual(run("self.a.b + 1", { a: { b: 2 } }), { value: 3n, cost: 4 });
    assert.deepEqual(run("self.list.all(x, x > 0)", { list: [1, 2] }), { value: true, cost: 13 });
  });

  test("formats no text but the names of numbers as a number", () => {
    assert.equal(run("'%f'.format(['NaN'])").value, "NaN");
    for (const text of ["x", "constructor", "__proto__"]) {
      const { value } = run(`'%f'.format(['${text}'])`);
      assert.ok(value instanceof CelError, text);
      assert.match(value.message, /fixed-point clause can only be used on doubles, was given string/);
    }
  });

  test("makes no text that is longer than any object has, however cheap", () => {
    const self = { long: "a".repeat(1_000_000), list: Array(5000).fill("a".repeat(1000)) };
    for (const made of [
      "self.long.replace('a', 'aaaaaaaa')",
      "self.list.join()",
      "'%s%s%s'.format([self.long, self.long, self.long])",
    ]) {
      const { isTooExpensive } = program(`${made} == ''`).run({ self: toCel(self) });
      assert.ok(isTooExpensive, made);
    }
    assert.equal(
      run("'a$a🏝'.replace('a', '$&') + 'ab'.replace('', '-') + 'aaa'.replace('a', 'b', 2)").value,
      "$&$$&🏝-a-b-bba",
    );
  });

  test("ends when it has cost what it may", () => {
    const nested = program("self.all(a, self.all(b, self.all(c, self.all(d, a + b + c + d >= 0))))");
    const numbers = toCel(Array.from({ length: 200 }, (_, index) => index));
    const { value, isTooExpensive } = nested.run({ self: numbers });
    assert.deepEqual(value, new CelError("operation cancelled: actual cost limit exceeded"));
    assert.equal(isTooExpensive, true);
  });

  test("matches patterns that would hold up a backtracking engine", () => {
    assert.equal(run("self.matches('^(a+)+$')", `${"a".repeat(5000)}!`).value, false);
  });

  test("looks past an error where the other side decides", () => {
    assert.equal(run("self.missing || true").value, true);
    assert.equal(run("self.missing && false").value, false);
    assert.deepEqual(run("self.missing || false").value, new CelError("no such key: missing"));
  });

  test("says which variables it speaks of", () => {
    assert.equal(program("self.a == 1").uses("self"), true);
    assert.equal(program("[1].all(x, x == 1)").uses("self"), false);
  });
});
