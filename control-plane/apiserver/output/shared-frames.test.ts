import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ObjectEvent } from "../registry/resource-store.ts";
import { SharedFrames } from "./shared-frames.ts";

/** An event is only told apart from others here. */
const eventOf = (): ObjectEvent => ({}) as ObjectEvent;

test("a frame is made once for all who see the event in the same way", () => {
  const frames = new SharedFrames(100);
  const event = eventOf();
  const first = frames.frame(event, "ADDED", () => new Uint8Array(10));
  assert.equal(
    frames.frame(event, "ADDED", () => assert.fail("it is there")),
    first,
  );
  assert.notEqual(
    frames.frame(event, "MODIFIED", () => new Uint8Array(10)),
    first,
  );
  assert.equal(frames.bytes, 20);
});

test("the oldest are forgotten, and one that is longer than all may be is not kept", () => {
  const frames = new SharedFrames(100);
  const events = Array.from({ length: 11 }, eventOf);
  for (const event of events) frames.frame(event, "ADDED", () => new Uint8Array(10));
  assert.equal(frames.bytes, 100);
  let made = 0;
  const count = () => {
    made++;
    return new Uint8Array(10);
  };
  for (const event of events.slice(1)) frames.frame(event, "ADDED", count);
  assert.equal(made, 0);
  frames.frame(eventOf(), "ADDED", () => new Uint8Array(101));
  assert.equal(frames.bytes, 100);
});

test("an event is not held by its frames: its objects are many times as large", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void; // what the flag adds to a new context
  const frames = new SharedFrames(100);
  const events = Array.from({ length: 3 }, () => {
    const event = eventOf();
    frames.frame(event, "ADDED", () => new Uint8Array(10));
    return new WeakRef(event);
  });
  await setImmediate();
  collect();
  assert.deepEqual([events.filter((event) => event.deref() !== undefined), frames.bytes], [[], 30]);
});
