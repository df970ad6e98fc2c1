import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSchedule } from "@atoll/api/batch/cron-job/schedule";
import { formatInZone, nextTime } from "./cron-schedule.ts";

function next(text: string, after: string, timeZone?: string): string | undefined {
  const schedule = parseSchedule(text);
  assert.ok(typeof schedule !== "string", `${text}: ${schedule}`);
  const atMs = nextTime(schedule, Date.parse(after), timeZone);
  return atMs === undefined ? undefined : formatInZone(atMs, timeZone);
}

const CASES: readonly (readonly [string, string, string | undefined, string?])[] = [
  ["*/15 * * * *", "2026-07-09T14:45:00Z", "2026-07-09T15:00:00Z"],
  ["*/15 * * * *", "2026-07-09T14:59:59Z", "2026-07-09T15:00:00Z"],
  ["20-35/15 * * * ?", "2026-07-09T15:45:00Z", "2026-07-09T16:20:00Z"],
  ["5/20 * * * *", "2026-07-09T15:26:00Z", "2026-07-09T15:45:00Z"],
  ["0 0 1 */2 *", "2026-01-02T00:00:00Z", "2026-03-01T00:00:00Z"],
  ["30 4 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T04:30:00Z"],
  ["0 12 13 * fri", "2026-02-01T00:00:00Z", "2026-02-06T12:00:00Z"],
  ["0 12 * * fri", "2026-02-07T00:00:00Z", "2026-02-13T12:00:00Z"],
  ["0 12 */2 * sun", "2026-02-01T13:00:00Z", "2026-02-03T12:00:00Z"],
  ["59 23 31 2 *", "2026-01-01T00:00:00Z", undefined],
  ["@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"],
  ["@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"],
  ["@every 1h30m", "2026-01-01T00:00:00.5Z", "2026-01-01T01:30:00Z"],
  ["TZ=Asia/Tokyo 0 9 * * *", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
  // Berlin's clocks skip 02:00 to 03:00 on March 29 and have it twice on October 25.
  ["30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T02:30:00+02:00", "Europe/Berlin"],
  ["30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00", "Europe/Berlin"],
  ["30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+01:00", "Europe/Berlin"],
  ["0 0 * * *", "2026-03-28T12:00:00Z", "2026-03-29T00:00:00+01:00", "Europe/Berlin"],
  // Cairo sets its clocks at midnight: the day begins at one.
  ["30 1 * * *", "2026-04-23T12:00:00Z", "2026-04-24T01:30:00+03:00", "Africa/Cairo"],
];

test("finds the next time, by the wall clocks of the time zone", () => {
  for (const [text, after, expected, timeZone] of CASES) {
    assert.equal(next(text, after, timeZone), expected, `${text} after ${after}`);
  }
});

test("reads and refuses as upstream does", () => {
  const refused = [
    "",
    "* * * *",
    "60 * * * *",
    "* * 0 * *",
    "* * * * 7",
    "5-1 * * * *",
    "*/0 * * * *",
    "@now",
    "a * * * *",
  ];
  for (const text of refused) assert.equal(typeof parseSchedule(text), "string", text);
});
