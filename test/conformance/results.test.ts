import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type RunIdentity, Results } from "./results.ts";

const IDENTITY: RunIdentity = {
  class: "api",
  focus: "",
  isThird: false,
  contentType: "json",
  suite: "abc",
  cluster: "own",
};

function withFile(body: (file: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "results-"));
  try {
    body(join(directory, "results.jsonl"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("a run goes on with the results that an interrupted one has written, the last of a name counting", () =>
  withFile((file) => {
    const first = new Results(file, IDENTITY, { resume: false });
    first.add({ name: "a", state: "failed" });
    first.add({ name: "b", state: "passed" });
    first.add({ name: "a", state: "failed", reason: "it broke", seconds: 2 });
    const second = new Results(file, IDENTITY, { resume: true });
    assert.deepEqual(second.of("a"), { name: "a", state: "failed", reason: "it broke", seconds: 2 });
    assert.equal(second.all.length, 2);
    assert.equal(second.of("c"), undefined);
  }));

test("a line that was cut off is no result, and does not spoil the next", () =>
  withFile((file) => {
    new Results(file, IDENTITY, { resume: false }).add({ name: "a", state: "passed" });
    appendFileSync(file, '{"name":"b","sta');
    const resumed = new Results(file, IDENTITY, { resume: true });
    resumed.add({ name: "c", state: "passed" });
    assert.deepEqual(
      new Results(file, IDENTITY, { resume: true }).all.map(({ name }) => name),
      ["a", "c"],
    );
  }));

test("results of a run about something else are refused and stay", () =>
  withFile((file) => {
    new Results(file, IDENTITY, { resume: false }).add({ name: "a", state: "passed" });
    const before = readFileSync(file, "utf8");
    assert.throws(() => new Results(file, { ...IDENTITY, class: "pods" }, { resume: true }), /Cannot resume/);
    assert.equal(readFileSync(file, "utf8"), before);
  }));

test("without resume a run starts anew, and resume without a file does, too", () =>
  withFile((file) => {
    new Results(file, IDENTITY, { resume: true }).add({ name: "a", state: "passed" });
    assert.equal(new Results(file, IDENTITY, { resume: false }).of("a"), undefined);
  }));
