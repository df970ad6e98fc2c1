import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "./event-log.ts";
import { prefixEnd } from "./store.ts";

const EVERYTHING = { start: "", end: prefixEnd("") };

const event = (key: string, revision: number, bytes = 1) => ({ key, revision, bytes });

test("a log over its number of events forgets the oldest whole revisions", () => {
  const log = new EventLog<ReturnType<typeof event>>(1, {
    eventsMax: 8,
    bytesMax: 1000,
    bytesOf: ({ bytes }) => bytes,
  });
  for (let revision = 2; revision <= 6; revision++) log.append([event("a", revision), event("b", revision)], revision);
  assert.equal(log.knownAfter, 3);
  assert.equal(log.readAfter(EVERYTHING, 2), undefined);
  assert.deepEqual(
    log.readAfter({ start: "b" }, 3)?.events.map(({ revision }) => revision),
    [4, 5, 6],
  );
});

test("a log over its bytes forgets the oldest, even a single event that is too large for it", () => {
  const log = new EventLog<ReturnType<typeof event>>(1, {
    eventsMax: 100,
    bytesMax: 10,
    bytesOf: ({ bytes }) => bytes,
  });
  log.append([event("a", 2, 4), event("a", 3, 4)], 3);
  assert.equal(log.knownAfter, 1);
  log.append([event("a", 4, 4)], 4);
  assert.equal(log.knownAfter, 3);
  log.append([event("a", 5, 50)], 5);
  assert.equal(log.knownAfter, 5);
  assert.deepEqual(log.readAfter(EVERYTHING, 5), { events: [], revision: 5 });
});

test("a log that is told to forgets a quarter of its bytes, whole revisions only", () => {
  const log = new EventLog<ReturnType<typeof event>>(1, {
    eventsMax: 100,
    bytesMax: 1000,
    bytesOf: ({ bytes }) => bytes,
  });
  log.forgetOldest();
  assert.equal(log.knownAfter, 1);
  for (let revision = 2; revision <= 9; revision++) log.append([event("a", revision, 10)], revision);
  log.forgetOldest();
  assert.deepEqual([log.bytes, log.knownAfter, log.changedAt], [60, 3, 9]);
  assert.equal(log.eventBefore(0)?.revision, 9);
  assert.equal(log.eventBefore(5)?.revision, 4);
  assert.equal(log.eventBefore(6), undefined);
});

test("a page ends with a whole revision and the last page with the log's own revision", () => {
  const log = new EventLog<ReturnType<typeof event>>(1);
  for (let revision = 2; revision <= 31; revision++) {
    log.append(
      Array.from({ length: 70 }, (_, index) => event(`${index}`, revision)),
      revision,
    );
  }
  log.append([], 40);
  const first = log.readAfter(EVERYTHING, 1);
  assert.deepEqual([first?.events.length, first?.revision], [1050, 16]);
  const second = log.readAfter(EVERYTHING, 16);
  assert.deepEqual([second?.events.length, second?.revision], [1050, 40]);
});
