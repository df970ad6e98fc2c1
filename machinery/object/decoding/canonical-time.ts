// Times as they are stored: in UTC, to the second or to the microsecond.

import { formatMicroTime, formatTime } from "@atoll/base/clock";

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Undefined: it is none of the format, or there is no such time. */
export function canonicalTime(text: string, format: "date-time" | "date-time-micro"): string | undefined {
  const time = parseTime(text, format);
  if (Number.isNaN(time)) return undefined;
  return format === "date-time" ? formatTime(time) : canonicalMicroTime(text, time);
}

function parseTime(text: string, format: "date-time" | "date-time-micro"): number {
  const fraction = RFC3339.exec(text)?.[1];
  const fits = format === "date-time" ? RFC3339.test(text) : fraction?.length === ".000000".length;
  return fits ? Date.parse(text) : Number.NaN;
}

/** Date holds milliseconds only, so the digits after the point are kept as text. */
function canonicalMicroTime(text: string, time: number): string {
  const digits = (RFC3339.exec(text)?.[1] ?? ".").slice(1, 7).padEnd(6, "0");
  return `${formatMicroTime(time).slice(0, 19)}.${digits}Z`;
}
