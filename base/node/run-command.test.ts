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
