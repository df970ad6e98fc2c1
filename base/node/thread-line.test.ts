import assert from "node:assert/strict";
import { test } from "node:test";
import { ThreadLine } from "./thread-line.ts";

const LATE_MS = 20_000;

/** A thread that runs the code it is given. */
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from "node:worker_threads";
    new Function("say", workerData)((value) => parentPort.postMessage(value));
  `)}`,
);
const open = (timeoutMs = LATE_MS) => new ThreadLine(script, { memoryMb: 64, timeoutMs });

test("gives what a thread says", async () => {
  assert.deepEqual(await open().run("say({ a: 1 })"), { a: 1 });
});

test("tells of a thread that fails or says nothing, and goes on with the next", { timeout: LATE_MS }, async () => {
  const line = open();
  const runs = ['throw new Error("no")', "process.exit(3)", "say(2)"].map((code) => line.run(code));
  const [failed, silent, said] = await Promise.allSettled(runs);
  assert.match(String(failed?.status === "rejected" && failed.reason), /no/);
  assert.match(String(silent?.status === "rejected" && silent.reason), /the thread ended with 3/);
  assert.deepEqual(said, { status: "fulfilled", value: 2 });
});

test("ends a thread that goes on for ever", { timeout: LATE_MS }, async () => {
  const line = open(1000);
  const endless = line.run("for (;;);");
  const next = line.run("say(1)");
  await assert.rejects(endless, /took longer than 1 s/);
  assert.equal(await next, 1);
});
