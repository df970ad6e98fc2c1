import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { focusOn, selectTests, testSets } from "./selection.ts";
import { type ConformanceTest, parseTestTable, readTestTable } from "./test-table.ts";

const SEED = 16;
/** Of 147. */
const THIRD_OF_API = 49;

function made(name: string, testClass: ConformanceTest["class"] = "api"): ConformanceTest {
  return { name, sig: "sig-x", file: "x.go", class: testClass, note: "" };
}

test("the table has every conformance test once, each with its class", () => {
  const tests = readTestTable();
  const count = (testClass: string) => tests.filter((row) => row.class === testClass).length;
  assert.equal(tests.length, 446);
  assert.deepEqual([count("api"), count("pods"), count("network"), count("exempt")], [147, 235, 53, 11]);
});

test("a table with other columns, an unknown class or a name twice is refused", () => {
  const head = "name\tsig\tfile\tclass\tnote";
  assert.throws(() => parseTestTable("name\tclass\n"), /columns/);
  assert.throws(() => parseTestTable(`${head}\na\ts\tf\tdisk\t\n`), /Row 2 .* no known class: "disk"/);
  assert.throws(() => parseTestTable(`${head}\na\ts\tf\tapi\t\na\ts\tf\tapi\t\n`), /Row 3 .* again/);
});

test("a class and a focus select together, and all leaves out what cannot pass", () => {
  const tests = [made("Watchers a"), made("Watchers b", "pods"), made("Lease"), made("HostPort", "exempt")];
  const names = (choice: Parameters<typeof selectTests>[1]) => selectTests(tests, choice).map(({ name }) => name);
  assert.deepEqual(names({ class: "api", focus: undefined, isThird: false }), ["Watchers a", "Lease"]);
  assert.deepEqual(names({ class: "all", focus: undefined, isThird: false }), ["Watchers a", "Watchers b", "Lease"]);
  assert.deepEqual(names({ class: "all", focus: "^Watchers", isThird: false }), ["Watchers a", "Watchers b"]);
  assert.deepEqual(names({ class: "exempt", focus: undefined, isThird: false }), ["HostPort"]);
});

test("a third is every third test of the class that is not slow", () => {
  const tests = [made("a"), made("b"), made("c"), made("d [Slow]"), made("e"), made("f"), made("g")];
  const third = selectTests(tests, { class: "api", focus: undefined, isThird: true });
  assert.deepEqual(
    third.map(({ name }) => name),
    ["b", "e"],
  );
  assert.equal(selectTests(readTestTable(), { class: "api", focus: undefined, isThird: true }).length, THIRD_OF_API);
});

test("serial tests run alone, slow ones all at once, and no set is empty", () => {
  const tests = [made("a"), made("b [Slow]"), made("c [Serial]"), made("d [Serial] [Slow]"), made("e [Slow]")];
  const sets = testSets(tests, 4).map(({ name, tests: members, processes }) => ({
    name,
    tests: members.map((member) => member.name),
    processes,
  }));
  assert.deepEqual(sets, [
    { name: "parallel", tests: ["a"], processes: 4 },
    { name: "slow", tests: ["b [Slow]", "e [Slow]"], processes: 2 },
    { name: "serial", tests: ["c [Serial]", "d [Serial] [Slow]"], processes: 1 },
  ]);
  assert.deepEqual(testSets([], 4), []);
});

test("the suite's focus matches exactly the selected tests of the table", () => {
  const tests = readTestTable();
  fc.assert(
    fc.property(fc.subarray(tests, { minLength: 1, maxLength: 20 }), (chosen) => {
      const focus = new RegExp(focusOn(chosen));
      const matched = tests.filter(({ name }) => focus.test(`Kubernetes e2e suite ${name}`));
      assert.deepEqual(new Set(matched), new Set(chosen));
    }),
    { seed: SEED, numRuns: 50 },
  );
});

test("the focus of the whole table is short enough to be one argument", () => {
  // Linux takes at most 128 KiB in one argument.
  assert.ok(Buffer.byteLength(focusOn(readTestTable())) < 128 * 1024);
});
