import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "./run-command.ts";

const never = new AbortController().signal;

test("gives what the program printed", async () => {
  assert.equal(await runCommand("cat", [], { signal: never, input: "hello" }), "hello");
});

test("a program that fails speaks for itself", async () => {
  await assert.rejects(runCommand("sh", ["-c", "echo no such luck >&2; exit 3"], { signal: never }), {
    code: "Failed",
    message: 'Run "sh": no such luck',
  });
});

test("a program that does not exist is told apart", async () => {
  await assert.rejects(runCommand("atoll-has-no-such-program", [], { signal: never }), { code: "NotStarted" });
});

test("aborting kills the program", async () => {
  await assert.rejects(runCommand("sleep", ["60"], { signal: AbortSignal.timeout(20) }), { code: "Aborted" });
});

test("a program that takes too long is killed, and told from one that was given up", async () => {
  await assert.rejects(runCommand("sleep", ["60"], { signal: never, timeoutMs: 20 }), { code: "TimedOut" });
});

test("hands on every line of both outputs, also the last without its end", async () => {
  const lines: string[] = [];
  const script = "echo one; echo two >&2; printf three";
  await runCommand("sh", ["-c", script], { signal: never, onLine: (line) => lines.push(line) });
  assert.deepEqual(lines.sort(), ["one", "three", "two"]);
});

test("keeps the end of a long complaint", async () => {
  const script = "seq 1 5000 >&2; echo the reason >&2; exit 1";
  await assert.rejects(runCommand("sh", ["-c", script], { signal: never }), (error: Error) => {
    return error.message.endsWith("the reason") && error.message.length < 5_000;
  });
});
