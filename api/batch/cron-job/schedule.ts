// The grammar of schedules: five fields, or a word for a usual one. Reading only; when a job is due is the controller's.

/** What a field allows, by its value. */
export type AllowedValues = ReadonlySet<number>;

export type Schedule =
  | {
      readonly type: "calendar";
      readonly timeZone: string | undefined;
      readonly minutes: AllowedValues;
      readonly hours: AllowedValues;
      readonly daysOfMonth: AllowedValues;
      readonly months: AllowedValues;
      readonly daysOfWeek: AllowedValues;
      /** A day must be in both sets when one of them is written as "any", else in either. */
      readonly needsBothDays: boolean;
    }
  | { readonly type: "interval"; readonly timeZone: string | undefined; readonly everyMs: number };

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for values, from `min` up. */
  readonly words?: readonly string[];
}

const MINUTE: Field = { name: "minute", min: 0, max: 59 };
const HOUR: Field = { name: "hour", min: 0, max: 23 };
const DAY_OF_MONTH: Field = { name: "day of month", min: 1, max: 31 };
const MONTH: Field = {
  name: "month",
  min: 1,
  max: 12,
  words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const DAY_OF_WEEK: Field = {
  name: "day of week",
  min: 0,
  max: 6,
  words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};
const FIELDS_COUNT = 5;

const USUAL: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);
const ZONE = /^(?:CRON_)?TZ=(\S+)\s+/;
const EVERY = /^@every ((?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+)$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** What is wrong with the schedule; undefined when it is fine. A time zone in front is left to the caller to refuse. */
export function checkSchedule(text: string): string | undefined {
  const schedule = parseSchedule(text);
  return typeof schedule === "string" ? schedule : undefined;
}

/** The schedule, or what is wrong with it. */
export function parseSchedule(text: string): Schedule | string {
  const timeZone = ZONE.exec(text)?.[1];
  const schedule = text.replace(ZONE, "").trim();
  if (schedule === "") return "empty spec string";
  const duration = EVERY.exec(schedule)?.[1];
  if (duration !== undefined) return { type: "interval", timeZone, everyMs: wholeSeconds(duration) };
  const fields = USUAL.get(schedule) ?? schedule;
  return fields.startsWith("@") ? `unrecognized descriptor: ${schedule}` : parseFields(fields, timeZone);
}

/** In milliseconds; at least one second, and no parts of one. */
function wholeSeconds(duration: string): number {
  const parts = duration.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g);
  const ms = parts.reduce((total, [, amount, unit = ""]) => total + Number(amount) * (UNIT_MS[unit] ?? 0), 0);
  return Math.max(1000, Math.floor(ms / 1000) * 1000);
}

function parseFields(text: string, timeZone: string | undefined): Schedule | string {
  const parts = text.split(/\s+/);
  if (parts.length !== FIELDS_COUNT) {
    return `expected exactly ${FIELDS_COUNT} fields, found ${parts.length}: [${parts.join(" ")}]`;
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = parts;
  const minutes = parseField(minute, MINUTE);
  if (typeof minutes === "string") return minutes;
  const hours = parseField(hour, HOUR);
  if (typeof hours === "string") return hours;
  const daysOfMonth = parseField(dayOfMonth, DAY_OF_MONTH);
  if (typeof daysOfMonth === "string") return daysOfMonth;
  const months = parseField(month, MONTH);
  if (typeof months === "string") return months;
  const daysOfWeek = parseField(dayOfWeek, DAY_OF_WEEK);
  if (typeof daysOfWeek === "string") return daysOfWeek;
  return {
    type: "calendar",
    timeZone,
    minutes: minutes.allowed,
    hours: hours.allowed,
    daysOfMonth: daysOfMonth.allowed,
    months: months.allowed,
    daysOfWeek: daysOfWeek.allowed,
    needsBothDays: daysOfMonth.isAny || daysOfWeek.isAny,
  };
}

interface FieldValues {
  readonly allowed: AllowedValues;
  /** Written as "*" or "?"; with a step above 1 it is no longer any value. */
  readonly isAny: boolean;
}

function parseField(text = "", field: Field): FieldValues | string {
  const allowed = new Set<number>();
  let isAny = false;
  for (const part of text.split(",")) {
    const range = parseRange(part, field);
    if (typeof range === "string") return range;
    for (let value = range.start; value <= range.end; value += range.step) allowed.add(value);
    isAny ||= range.isAny;
  }
  return { allowed, isAny };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isAny: boolean;
}

function parseRange(text: string, field: Field): Range | string {
  const [range = "", stepText, ...more] = text.split("/");
  if (more.length > 0) return `too many slashes: ${text}`;
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (typeof step === "string") return step;
  if (step === 0) return `step of range should be a positive number: ${text}`;
  const limits = range.split("-");
  if (limits.length > 2) return `too many hyphens: ${text}`;
  if (range === "*" || range === "?") return { start: field.min, end: field.max, step, isAny: step === 1 };
  const [start, last] = limits.map((limit) => parseValue(limit, field));
  if (typeof start === "string") return start;
  if (typeof last === "string") return last;
  if (start === undefined) return `failed to parse range: ${text}`;
  // "5/10" begins at 5 and goes on to the end.
  const end = last ?? (stepText === undefined ? start : field.max);
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${text}`;
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${text}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return { start, end, step, isAny: false };
}

/** A value, or what is wrong with it. */
function parseValue(text: string, { words, min }: Field): number | string {
  const word = words?.indexOf(text.toLowerCase()) ?? -1;
  return word >= 0 ? word + min : parseNumber(text);
}

function parseNumber(text: string): number | string {
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  if (/^\d+$/.test(text)) return Number(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
