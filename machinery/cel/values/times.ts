// Moments and durations: read, printed and reckoned with as Go does.

import { plainDigits } from "./numbers.ts";
import { CelError, type CelValue, Duration, Timestamp } from "./values.ts";

const NANOS_PER_SECOND = 1_000_000_000n;
/** The first second of year 1 and the last of year 9999. */
const SECONDS_MIN = -62_135_596_800n;
const SECONDS_MAX = 253_402_300_799n;
const NANOS_MAX = 2n ** 63n - 1n;

export const TIMESTAMP_OVERFLOW = "timestamp overflow";
export const DURATION_OVERFLOW = "duration overflow";

export function checkedTimestamp(nanos: bigint, offsetSeconds = 0): CelValue {
  const seconds = floorDivide(nanos, NANOS_PER_SECOND);
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) return new CelError(TIMESTAMP_OVERFLOW);
  return new Timestamp(nanos, offsetSeconds);
}

export function checkedDuration(nanos: bigint): CelValue {
  return nanos > NANOS_MAX || nanos < -NANOS_MAX - 1n ? new CelError(DURATION_OVERFLOW) : new Duration(nanos);
}

export function secondsOf({ nanos }: Timestamp): bigint {
  return floorDivide(nanos, NANOS_PER_SECOND);
}

export function timestampOfSeconds(seconds: bigint): CelValue {
  return checkedTimestamp(seconds * NANOS_PER_SECOND);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[T](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Undefined: it is no time that RFC 3339 knows. The year 0 is read, and then out of bounds. */
export function parseTimestamp(text: string): CelValue | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const [, , , , , , , fraction = "", sign, offsetHours = "0", offsetMinutes = "0"] = match;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 3600 + Number(offsetMinutes) * 60) * (sign === "-" ? -1 : 1);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const seconds = BigInt(date.getTime()) / 1000n - BigInt(offset);
  return checkedTimestamp(seconds * NANOS_PER_SECOND + BigInt(fraction.slice(0, 9).padEnd(9, "0")), offset);
}

export function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

export function formatTimestamp({ nanos, offsetSeconds }: Timestamp): string {
  const local = nanos + BigInt(offsetSeconds) * NANOS_PER_SECOND;
  const seconds = floorDivide(local, NANOS_PER_SECOND);
  const fraction = (local - seconds * NANOS_PER_SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}${fraction === "" ? "" : `.${fraction}`}${formatOffset(offsetSeconds)}`;
}

function formatOffset(seconds: number): string {
  if (seconds === 0) return "Z";
  const minutes = Math.trunc(Math.abs(seconds) / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${seconds < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: NANOS_PER_SECOND,
  m: 60n * NANOS_PER_SECOND,
  h: 3600n * NANOS_PER_SECOND,
};
const DURATION_PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;

/** "1h30m", "-1.5s"; undefined: no duration, or none that fits. */
export function parseDuration(text: string): Duration | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const rest = text.slice(sign.length);
  if (rest === "0") return new Duration(0n);
  let total = 0n;
  for (let index = 0; index < rest.length || index === 0; index = DURATION_PART.lastIndex) {
    DURATION_PART.lastIndex = index;
    const match = DURATION_PART.exec(rest);
    if (!match) return undefined;
    const [, whole = "", fraction = "", unit = ""] = match;
    if (whole === "" && fraction === "") return undefined;
    const size = UNITS[unit] ?? 0n;
    const part = fraction === "" ? 0n : (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
    total += BigInt(whole || "0") * size + part;
    if (total > NANOS_MAX + 1n) return undefined;
  }
  const nanos = sign === "-" ? -total : total;
  return nanos > NANOS_MAX ? undefined : new Duration(nanos);
}

/** In seconds: "90s", "0.001s". */
export function formatDuration({ nanos }: Duration): string {
  const seconds = nanos / NANOS_PER_SECOND;
  const rest = nanos % NANOS_PER_SECOND;
  return `${plainDigits(Number(seconds) + Number(rest) / 1e9)}s`;
}
