import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson, parseYaml, repetitionsOf } from "./parse-body.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("says which fields stand in a body twice, and takes the last", async () => {
  const json = await parseJson(bytesOf('{"spec": {"foo": 1, "foo": 2}}'));
  assert.deepEqual(json.value, { spec: { foo: 2 } });
  assert.deepEqual(repetitionsOf(json), ['duplicate field "spec.foo"']);
  const yaml = await parseYaml(bytesOf("\nspec:\n  foo: foo1\n  foo: foo2\n  list:\n  - a: 1\n    b: 2\n    a: 3\n"));
  assert.deepEqual(yaml.value, { spec: { foo: "foo2", list: [{ a: 3, b: 2 }] } });
  assert.deepEqual(repetitionsOf(yaml), [
    'yaml: unmarshal errors:\n  line 4: key "foo" already set in map\n  line 8: key "a" already set in map',
  ]);
  assert.deepEqual(repetitionsOf(await parseYaml(bytesOf("a: 1\nb: {a: 2}\n"))), []);
});

test("reads long YAML beside everything else, and refuses what is none", { timeout: 30_000 }, async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `k${index}: v`);
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  try {
    const { value } = await parseYaml(bytesOf(lines.join("\n")));
    assert.equal(Object.keys(value as object).length, lines.length);
  } finally {
    clearInterval(ticking);
  }
  assert.ok(turns > 20, `${turns} turns of the event loop`);
  await assert.rejects(parseYaml(bytesOf(`${lines.join("\n")}\nk: [`)), /yaml parse error/);
  const levels = Array.from({ length: 12 }, (_, index) => `a${index}: &a${index} [${`*a${index - 1}, `.repeat(30)}x]`);
  const expanding = `${levels.join("\n").replaceAll("*a-1", "x")}\n# ${"-".repeat(5000)}`;
  await assert.rejects(parseYaml(bytesOf(expanding)), { reason: "BadRequest" });
});

test("refuses YAML whose keys are trees, before it makes anything of them", { timeout: 10_000 }, async () => {
  const deep = `? ${"[".repeat(400)}a${"]".repeat(400)}\n: b\n`;
  for (const text of ["? [a]\n: b\n", "{a: {[1]: 2}}", deep, deep + "#".repeat(10_000)]) {
    await assert.rejects(parseYaml(bytesOf(text)), /yaml parse error: map keys must be scalars/);
  }
  const nested = `a: ${"[".repeat(600)}${"]".repeat(600)}`;
  await assert.rejects(parseYaml(bytesOf(nested)), /nests deeper than 512 levels/);
});

test("refuses YAML with characters in it that no YAML has", async () => {
  const wide = Buffer.from(JSON.stringify({ a: "b".repeat(5000) }), "utf16le");
  for (const text of ["a: \0", "a\u0007: b", "\ufffe: 1", wide]) {
    await assert.rejects(parseYaml(Buffer.from(text)), /yaml parse error: control characters are not allowed/);
  }
  const { value } = await parseYaml(bytesOf("\ufeffa: \u{1f600}\u00e9\u0085b\tc\n"));
  assert.deepEqual(value, { a: "\u{1f600}\u00e9\u0085b\tc" });
});

test("refuses YAML that is too deep or of too many parts before it reads it", { timeout: 30_000 }, async () => {
  for (const text of ["[[],".repeat(120_000), "{a: ".repeat(100_000), "- ".repeat(100_000)]) {
    await assert.rejects(parseYaml(bytesOf(text)), /yaml parse error: nests deeper than 512 levels/);
  }
  const flat = `[${"1,".repeat(1_000_000)}1]`;
  await assert.rejects(parseYaml(bytesOf(flat)), /yaml parse error: has more than 800000 parts/);
});
