import assert from "node:assert/strict";
import { test } from "node:test";
import { formatJunit } from "./junit.ts";
import { SuiteOutput } from "./suite-output.ts";
import { readSuiteReport, reasonOf } from "./suite-report.ts";
import { summarize } from "./summary.ts";
import type { ConformanceTest } from "./test-table.ts";

const SECOND = 1e9;

function spec(text: string, State: string, more: { RunTime?: number; message?: string } = {}) {
  return {
    ContainerHierarchyTexts: ["[sig-x] Thing"],
    LeafNodeText: text,
    State,
    RunTime: more.RunTime ?? SECOND,
    ...(more.message === undefined ? {} : { Failure: { Message: more.message } }),
  };
}

function read(specs: readonly object[], reasons: readonly string[] = []) {
  const names = new Set(["a", "b", "c", "d", "e"].map((name) => `[sig-x] Thing ${name}`));
  return readSuiteReport(JSON.stringify([{ SpecialSuiteFailureReasons: reasons, SpecReports: specs }]), names);
}

test("a report gives what ended, and leaves out what never began, was interrupted or was not asked for", () => {
  const { results, suiteFailures } = read([
    spec("a", "passed", { RunTime: 1.26 * SECOND }),
    spec("b", "panicked", { message: "Test Panicked" }),
    spec("c", "skipped", { message: "needs two nodes" }),
    spec("d", "skipped", { RunTime: 0 }),
    spec("e", "interrupted"),
    spec("other", "skipped", { RunTime: 0 }),
  ]);
  assert.deepEqual(results, [
    { name: "[sig-x] Thing a", state: "passed", seconds: 1.3 },
    { name: "[sig-x] Thing b", state: "failed", seconds: 1, reason: "Test Panicked" },
    { name: "[sig-x] Thing c", state: "skipped", seconds: 1, reason: "needs two nodes" },
  ]);
  assert.deepEqual(suiteFailures, []);
});

test("what fails around the tests is a failure of the suite, named once", () => {
  const before = { ...spec("", "failed", { message: "no nodes" }), ContainerHierarchyTexts: null };
  assert.deepEqual(read([before, before], ["Interrupted by User"]).suiteFailures, ["Interrupted by User", "no nodes"]);
});

test("the reason of a failure is one line that says something", () => {
  assert.equal(reasonOf("creating it: not found\nmore"), "creating it: not found");
  const dump = 'Unexpected error:\n    <*errors.StatusError | 0xc000>: \n    the server said no\n    {\n  "x": 1 }';
  assert.equal(reasonOf(dump), "Unexpected error: the server said no");
  assert.equal(reasonOf("x".repeat(500)).length, 301);
  assert.equal(reasonOf(""), "");
});

test("the output tells the end of each test, with the name as the table has it", () => {
  const output = new SuiteOutput();
  const lines = [
    "• [0.084 seconds]",
    "[sig-x] Thing [LinuxOnly] should a [Conformance] [sig-x, LinuxOnly, Conformance]",
    "k8s.io/x.go:142",
    "------------------------------",
    "• [FAILED] [0.018 seconds]",
    "[sig-x] Thing [It] should b [Serial] [Conformance] [sig-x, Serial, Conformance]",
    "• [INTERRUPTED] [3.000 seconds]",
    "[sig-x] Thing [It] should c [Conformance] [sig-x, Conformance]",
    "  [FAILED] in [It] - k8s.io/x.go:142",
  ];
  assert.deepEqual(
    lines.flatMap((line) => output.read(line) ?? []),
    [
      { name: "[sig-x] Thing [LinuxOnly] should a [Conformance]", state: "passed" },
      { name: "[sig-x] Thing should b [Serial] [Conformance]", state: "failed" },
    ],
  );
});

test("a summary counts by class, names reasons, and is good only if all ran", () => {
  const row = (name: string, testClass: ConformanceTest["class"]): ConformanceTest => {
    return { name, sig: "x", file: "x.go", class: testClass, note: "" };
  };
  const results = new Map([
    ["a", { name: "a", state: "passed" } as const],
    ["b", { name: "b", state: "failed", reason: "it broke" } as const],
  ]);
  const resultOf = (name: string) => results.get(name);
  const selected = [row("a", "api"), row("b", "api"), row("c", "pods")];
  const { text, isGood } = summarize({ selected, resultOf, suiteFailures: [] });
  assert.equal(
    text,
    [
      "api: 1 passed, 1 failed, 0 skipped, 0 not run, of 2",
      "pods: 0 passed, 0 failed, 0 skipped, 1 not run, of 1",
      "all: 1 passed, 1 failed, 0 skipped, 1 not run, of 3",
      ...["", "failed:", "  b", "    it broke", "", "not run:", "  c", ""],
    ].join("\n"),
  );
  assert.equal(isGood, false);
  const passing = [row("a", "api")];
  assert.equal(summarize({ selected: passing, resultOf, suiteFailures: [] }).isGood, true);
  assert.equal(summarize({ selected: passing, resultOf, suiteFailures: ["no nodes"] }).isGood, false);
});

test("junit escapes what XML cannot hold, and counts", () => {
  const xml = formatJunit([
    { name: "b <x>", state: "failed", seconds: 1.5, reason: 'said "no" & \u0000went' },
    { name: "a", state: "passed", seconds: 2 },
  ]);
  assert.match(xml, /<testsuites tests="2" failures="1" errors="0" time="3.5">/);
  assert.match(xml, /name="\[It\] b &lt;x&gt;".*<failure message="said &quot;no&quot; &amp; �went"><\/failure>/);
  assert.ok(xml.indexOf("[It] a") < xml.indexOf("[It] b"));
});
