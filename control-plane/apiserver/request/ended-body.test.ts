import assert from "node:assert/strict";
import { test } from "node:test";
import { whenEnded } from "./ended-body.ts";

async function* numbers(events: string[], failure?: Error): AsyncGenerator<Uint8Array> {
  try {
    for (const number of [1, 2, 3]) yield Uint8Array.of(number);
    if (failure) throw failure;
  } finally {
    events.push("closed");
  }
}

test("tells the end of a stream that ends by itself, after its last piece", async () => {
  const events: string[] = [];
  for await (const [number] of whenEnded(numbers(events), () => events.push("done"))) events.push(String(number));
  assert.deepEqual(events, ["1", "2", "3", "closed", "done"]);
});

test("tells the end of a stream that its reader leaves, and closes it", async () => {
  const events: string[] = [];
  for await (const [number] of whenEnded(numbers(events), () => events.push("done"))) {
    events.push(String(number));
    break;
  }
  assert.deepEqual(events, ["1", "done", "closed"]);
});

test("tells the end of a stream that fails, and hands the failure on", async () => {
  const events: string[] = [];
  const failing = whenEnded(numbers(events, new Error("torn")), () => events.push("done"));
  await assert.rejects(async () => {
    for await (const _ of failing);
  }, /torn/);
  assert.deepEqual(events, ["closed", "done"]);
});
