import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { queryObjects } from "node:v8";
import { systemClock } from "./clock.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test("a timer for longer than the platform's timers take does not come at once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const called = mock.fn();
  systemClock.setTimer(60 * DAY_MS, called);
  const ended = mock.fn();
  systemClock.setTimer(60 * DAY_MS, ended)[Symbol.dispose]();
  systemClock.setTimer(Number.POSITIVE_INFINITY, ended);
  for (let day = 0; day < 59; day++) context.mock.timers.tick(DAY_MS);
  assert.equal(called.mock.callCount(), 0);
  // Mocked time goes by the day: each part of the timer may begin one too late.
  for (let day = 0; day < 4; day++) context.mock.timers.tick(DAY_MS);
  assert.equal(called.mock.callCount(), 1);
  assert.equal(ended.mock.callCount(), 0);
});

test("nothing is left of a timer that was cancelled", () => {
  const timer: object = setTimeout(() => {}, HOUR_MS);
  const [list] = Object.values(timer).filter((value) => value?.constructor?.name === "TimersList");
  clearTimeout(timer as NodeJS.Timeout); // it is one
  assert.ok(list);
  const lists = () => queryObjects(list.constructor, { format: "count" });
  const before = lists();
  for (let index = 0; index < 50; index++) systemClock.setTimer(2 * HOUR_MS + index, () => {})[Symbol.dispose]();
  assert.equal(lists(), before);
});

test("a sleep for longer than that ends with its signal", async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60 * DAY_MS, stop.signal);
  const other = systemClock.sleep(1);
  await other;
  stop.abort(new Error("enough"));
  await assert.rejects(sleeping, /enough/);
});
