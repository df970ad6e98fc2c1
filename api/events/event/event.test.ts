import assert from "node:assert/strict";
import { test } from "node:test";
import { eventKind } from "../../core/event/kind.ts";
import type { EventsV1Event as Event } from "../../generated/types.ts";
import { eventsEventKind } from "./kind.ts";

const sound: Event = {
  metadata: { name: "e", namespace: "n" },
  eventTime: "2026-01-01T00:00:00.000000Z",
  regarding: { kind: "Pod", name: "p", namespace: "n" },
  ...{ reportingController: "example.com/c", reportingInstance: "i", action: "a", reason: "r", type: "Normal" },
};
const fieldsOf = (errors: readonly { readonly field: string }[] | undefined) => errors?.map(({ field }) => field);

test("the newer shape takes nothing of the older one, and names its fields", () => {
  const made = (fields: Partial<Event>) => fieldsOf(eventsEventKind.validateCreate?.({ ...sound, ...fields }));
  assert.deepEqual(made({}), []);
  assert.deepEqual(made({ deprecatedCount: 1, deprecatedSource: { component: "c" } }), ["count", "source"]);
  assert.deepEqual(made({ series: { count: 1, lastObservedTime: "" } }), ["series.count", "series.lastObservedTime"]);
});

test("only the series of an event changes", () => {
  const changed = (fields: Partial<Event>) =>
    fieldsOf(eventsEventKind.validateUpdate?.({ ...sound, ...fields }, sound));
  assert.deepEqual(changed({ series: { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" } }), []);
  assert.deepEqual(changed({ note: "other", regarding: { ...sound.regarding, name: "q" } }), [
    "involvedObject",
    "message",
  ]);
  const errors = eventsEventKind.validateUpdate?.(sound, { ...sound, note: "something" });
  assert.deepEqual(
    errors?.map(({ message }) => message),
    ['Invalid value: "": field is immutable'],
  );
});

test("an older event is still about what is in its namespace after a change", () => {
  const event = { metadata: { name: "e", namespace: "n" }, involvedObject: { namespace: "n" } };
  assert.deepEqual(fieldsOf(eventKind.validateUpdate?.(event, event)), []);
  const other = { ...event, involvedObject: { namespace: "other" } };
  assert.deepEqual(fieldsOf(eventKind.validateUpdate?.(other, event)), ["involvedObject.namespace"]);
});
