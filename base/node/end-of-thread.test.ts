import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { endOfThread } from "./end-of-thread.ts";

const run = (code: string) => new Worker(code, { eval: true });
const LATE_MS = 20_000;

test("gives what a thread says", async () => {
  const worker = run('require("node:worker_threads").parentPort.postMessage({ a: 1 })');
  assert.deepEqual(await endOfThread(worker, LATE_MS), { a: 1 });
});

test("tells of a thread that fails, says nothing or goes on for ever", { timeout: LATE_MS }, async () => {
  await assert.rejects(endOfThread(run('throw new Error("no")'), LATE_MS), /no/);
  await assert.rejects(endOfThread(run("process.exit(3)"), LATE_MS), /the thread ended with 3/);
  const endless = run("for (;;);");
  const gone = once(endless, "exit");
  await assert.rejects(endOfThread(endless, 50), /took longer than 0.05 s/);
  await gone;
});
