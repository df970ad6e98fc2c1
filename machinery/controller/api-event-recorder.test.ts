import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "@atoll/api/core/event/kind";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "../client/memory-api.ts";
import { ApiEventRecorder } from "./api-event-recorder.ts";

const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "default", uid: "u1" } };
const created = { type: "Normal", reason: "Created", message: "It was made" } as const;

function start(t: { after: (hook: () => void) => void }) {
  const clock = new VirtualClock();
  const random = seededRandom(3);
  const api = new MemoryApi({ clock, random });
  const recorder = new ApiEventRecorder({ client: api, clock, random, log: silentLogger });
  const controller = new AbortController();
  t.after(() => controller.abort());
  const running = recorder.run(controller.signal);
  return { clock, api, recorder, events: recorder.for("tester"), controller, running };
}

test("counts equal events instead of repeating them, and keeps others apart", async (t) => {
  const { clock, api, events } = start(t);
  events.record(pod, created);
  await clock.advance(1000);
  events.record(pod, created);
  events.record(pod, { ...created, message: "It was made again" });
  await clock.advance(1000);
  const { items } = await api.list(Event);
  assert.deepEqual(items.map(({ message, count }) => [message, count]).sort(), [
    ["It was made again", 1],
    ["It was made", 2],
  ]);
  assert.equal(items[0]?.source?.component, "tester");
  assert.equal(items[0]?.involvedObject.uid, "u1");
});

test("gives an object 25 events at once and then one in five minutes", async (t) => {
  const { clock, api, recorder, events } = start(t);
  for (let index = 0; index < 40; index++) events.record(pod, { ...created, message: `Number ${index}` });
  await clock.advance(0);
  assert.equal((await api.list(Event)).items.length, 25);
  assert.equal(recorder.dropped, 15);
  await clock.advance(5 * 60_000);
  events.record(pod, { ...created, message: "Later" });
  await clock.advance(0);
  assert.equal((await api.list(Event)).items.length, 26);
});

test("begins anew when the counted event has expired, and survives a failing API", async (t) => {
  const { clock, api, events } = start(t);
  api.failNext("create", "events", new Error("away"));
  events.record(pod, { ...created, message: "Lost" });
  events.record(pod, created);
  await clock.advance(0);
  const [first] = (await api.list(Event)).items;
  await api.delete(Event, { name: first?.metadata.name ?? "", namespace: "default" });
  events.record(pod, created);
  await clock.advance(0);
  const { items } = await api.list(Event);
  assert.deepEqual(
    items.map(({ message, count }) => [message, count]),
    [["It was made", 2]],
  );
});

test("ends when its signal aborts while it waits", async (t) => {
  const { controller, running, clock } = start(t);
  await clock.advance(0);
  controller.abort();
  await running;
});
