// When a schedule is due next. Days and hours are those of the wall clocks in its time zone: an hour that a zone skips in spring
// is skipped, one that it has twice in autumn is due twice, as upstream's library has it.

import type { Schedule } from "@atoll/api/batch/cron-job/schedule";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** A day that does not come within five years never comes (February 30). */
const YEARS_MAX = 5;

/** The first time after this one; undefined when there is none. Both in milliseconds. */
export function nextTime(schedule: Schedule, afterMs: number, timeZone: string | undefined): number | undefined {
  if (schedule.type === "interval") return Math.floor(afterMs / 1000) * 1000 + schedule.everyMs;
  const zone = wallClockOf(schedule.timeZone ?? timeZone ?? "UTC");
  const lastYear = zone.read(afterMs).year + YEARS_MAX;
  let atMs = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  for (;;) {
    const wall = zone.read(atMs);
    if (wall.year > lastYear) return undefined;
    if (!schedule.months.has(wall.month)) atMs = zone.startOfDay(wall.year, wall.month + 1, 1, atMs);
    else if (!isDue(schedule, wall)) atMs = zone.startOfDay(wall.year, wall.month, wall.day + 1, atMs);
    else if (!schedule.hours.has(wall.hour)) atMs += (60 - wall.minute) * MINUTE_MS;
    else if (!schedule.minutes.has(wall.minute)) atMs += MINUTE_MS;
    else return atMs;
  }
}

function isDue(schedule: Schedule & { type: "calendar" }, { year, month, day }: WallTime): boolean {
  const isDayOfMonth = schedule.daysOfMonth.has(day);
  const isDayOfWeek = schedule.daysOfWeek.has(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
  return schedule.needsBothDays ? isDayOfMonth && isDayOfWeek : isDayOfMonth || isDayOfWeek;
}

interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

interface WallClock {
  read(atMs: number): WallTime;
  /** The first moment of a day, later than `afterMs`; a month of 13 and a day of 32 are the next ones. */
  startOfDay(year: number, month: number, day: number, afterMs: number): number;
  /** How far the clock is ahead of UTC. */
  offsetMs(atMs: number): number;
}

/** Making a formatter costs a hundred times its use. As many as there are time zones. */
const wallClocks = new Map<string, WallClock>();

function wallClockOf(timeZone: string): WallClock {
  let clock = wallClocks.get(timeZone);
  if (!clock) {
    clock = makeWallClock(timeZone);
    wallClocks.set(timeZone, clock);
  }
  return clock;
}

function makeWallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat("en-US-u-ca-iso8601", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const read = (atMs: number): WallTime => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
    return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
  };
  const offsetMs = (atMs: number) => {
    const { year, month, day, hour, minute } = read(atMs);
    return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  };
  return {
    read,
    offsetMs,
    startOfDay(year, month, day, afterMs) {
      const asUtc = Date.UTC(year, month - 1, day);
      // The clock may be set that very night: the earlier of both readings that is not still the day before.
      const candidates = [asUtc - offsetMs(asUtc - DAY_MS), asUtc - offsetMs(asUtc + DAY_MS)].sort((a, b) => a - b);
      const wanted = new Date(asUtc).getUTCDate();
      const start = candidates.find((atMs) => read(atMs).day === wanted) ?? candidates[1] ?? asUtc;
      return Math.max(start, afterMs + MINUTE_MS);
    },
  };
}

/** RFC 3339 in the time zone, "2026-01-01T09:00:00+09:00". */
export function formatInZone(atMs: number, timeZone: string | undefined): string {
  const offsetMs = wallClockOf(timeZone ?? "UTC").offsetMs(atMs);
  const local = new Date(atMs + offsetMs).toISOString().slice(0, 19);
  if (offsetMs === 0) return `${local}Z`;
  const minutes = Math.abs(offsetMs) / MINUTE_MS;
  const digits = (value: number) => String(value).padStart(2, "0");
  return `${local}${offsetMs < 0 ? "-" : "+"}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}
