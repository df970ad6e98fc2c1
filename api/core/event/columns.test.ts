import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../generated/types.ts";
import { eventColumns, printEvent } from "./columns.ts";

const NOW_MS = Date.parse("2026-01-03T00:00:00Z");

function cellOf(column: string, event: Partial<Event>): unknown {
  const cells = printEvent({ metadata: {}, involvedObject: {}, ...event }, NOW_MS);
  return cells[eventColumns.findIndex(({ name }) => name === column)];
}

test("a series says alone when an event was last seen and how often, even where it does not say it", () => {
  const single: Partial<Event> = { firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-02T00:00:00Z" };
  assert.deepEqual([cellOf("Last Seen", single), cellOf("Count", single)], ["24h", 1]);
  const series: Partial<Event> = { ...single, count: 5, series: {} };
  assert.deepEqual([cellOf("Last Seen", series), cellOf("Count", series)], ["<unknown>", 0]);
});
