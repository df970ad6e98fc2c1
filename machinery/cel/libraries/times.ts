// The parts of moments and durations. Without a zone a moment is told in UTC.

import { declare, type FunctionDeclaration, type Overload, overload } from "../check/function-declaration.ts";
import { secondsOf } from "../values/times.ts";
import { CelError, type CelValue, type Duration, type Timestamp } from "../values/values.ts";

type Part = (moment: Date, nanos: bigint) => number;

const DAY_MS = 86_400_000;

const dayOfYear: Part = (moment) => {
  const start = new Date(0);
  start.setUTCFullYear(moment.getUTCFullYear(), 0, 1);
  return Math.floor((moment.getTime() - start.getTime()) / DAY_MS);
};

export const TIMES: readonly FunctionDeclaration[] = [
  declare(
    "getFullYear",
    partOfMoment("year", (moment) => moment.getUTCFullYear()),
  ),
  declare(
    "getMonth",
    partOfMoment("month", (moment) => moment.getUTCMonth()),
  ),
  declare("getDayOfYear", partOfMoment("day_of_year", dayOfYear)),
  declare(
    "getDayOfMonth",
    partOfMoment("day_of_month", (moment) => moment.getUTCDate() - 1),
  ),
  declare(
    "getDate",
    partOfMoment("day_of_month_1_based", (moment) => moment.getUTCDate()),
  ),
  declare(
    "getDayOfWeek",
    partOfMoment("day_of_week", (moment) => moment.getUTCDay()),
  ),
  declare("getHours", [
    ...partOfMoment("hours", (moment) => moment.getUTCHours()),
    partOfDuration("hours", 3_600_000_000_000n),
  ]),
  declare("getMinutes", [
    ...partOfMoment("minutes", (moment) => moment.getUTCMinutes()),
    partOfDuration("minutes", 60_000_000_000n),
  ]),
  declare("getSeconds", [
    ...partOfMoment("seconds", (moment) => moment.getUTCSeconds()),
    partOfDuration("seconds", 1_000_000_000n),
  ]),
  declare("getMilliseconds", [
    ...partOfMoment("milliseconds", (_moment, nanos) => Number(nanos / 1_000_000n)),
    partOfDuration("milliseconds", 1_000_000n),
  ]),
];

function partOfDuration(name: string, unit: bigint): Overload {
  return overload("duration.() -> int", `duration_to_${name}`, ({ nanos }: Duration) => nanos / unit);
}

function partOfMoment(name: string, part: Part): Overload[] {
  const read = (timestamp: Timestamp, offsetSeconds: number): bigint => {
    const seconds = secondsOf(timestamp);
    const nanos = timestamp.nanos - seconds * 1_000_000_000n;
    return BigInt(part(new Date((Number(seconds) + offsetSeconds) * 1000), nanos));
  };
  return [
    overload("timestamp.() -> int", `timestamp_to_${name}`, (timestamp: Timestamp) => read(timestamp, 0)),
    overload(
      "timestamp.(string) -> int",
      `timestamp_to_${name}_with_tz`,
      (timestamp: Timestamp, zone: string): CelValue => {
        const offset = offsetOf(zone, timestamp);
        return typeof offset === "number" ? read(timestamp, offset) : offset;
      },
    ),
  ];
}

/** "+02:30", or a name that the platform's list of zones has. */
function offsetOf(zone: string, timestamp: Timestamp): number | CelError {
  if (zone === "" || zone === "UTC") return 0;
  const numeric = /^([+-]?)(\d+):(\d+)$/.exec(zone);
  if (numeric) return (numeric[1] === "-" ? -1 : 1) * (Number(numeric[2]) * 3600 + Number(numeric[3]) * 60);
  if (zone.includes(":")) {
    const [hours = ""] = zone.split(":");
    return new CelError(`strconv.Atoi: parsing ${JSON.stringify(hours)}: invalid syntax`);
  }
  try {
    return zoneOffset(zone, Number(secondsOf(timestamp)) * 1000);
  } catch {
    return new CelError(`unknown time zone ${zone}`);
  }
}

function zoneOffset(zone: string, momentMs: number): number {
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric", second: "numeric", era: "short" },
  });
  const parts = new Map(format.formatToParts(momentMs).map(({ type, value }) => [type, value]));
  const number = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const local = new Date(0);
  const year = parts.get("era") === "BC" ? 1 - number("year") : number("year");
  local.setUTCFullYear(year, number("month") - 1, number("day"));
  local.setUTCHours(number("hour"), number("minute"), number("second"));
  return Math.round((local.getTime() - momentMs) / 1000);
}
