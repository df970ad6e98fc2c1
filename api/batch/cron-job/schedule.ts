// The grammar of schedules: five fields, or a word for a usual one. Checks only; when a job is due is the controller's.

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for values, from `min` up. */
  readonly words?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31 },
  {
    name: "month",
    min: 1,
    max: 12,
    words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of week", min: 0, max: 6, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const USUAL = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const EVERY = /^@every ([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$/;

/** What is wrong with the schedule; undefined when it is fine. A time zone in front is left to the caller to refuse. */
export function checkSchedule(text: string): string | undefined {
  const schedule = text.replace(/^(CRON_)?TZ=\S+\s+/, "").trim();
  if (schedule === "") return "empty spec string";
  if (schedule.startsWith("@")) {
    if (USUAL.includes(schedule) || EVERY.test(schedule)) return undefined;
    return `unrecognized descriptor: ${schedule}`;
  }
  const parts = schedule.split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${parts.length}: [${parts.join(" ")}]`;
  }
  for (const [i, field] of FIELDS.entries()) {
    for (const range of (parts[i] ?? "").split(",")) {
      const error = checkRange(range, field);
      if (error !== undefined) return error;
    }
  }
  return undefined;
}

function checkRange(text: string, field: Field): string | undefined {
  const [range = "", step, ...more] = text.split("/");
  if (more.length > 0) return `too many slashes: ${text}`;
  if (step !== undefined) {
    const value = parseNumber(step);
    if (typeof value === "string") return value;
    if (value === 0) return `step of range should be a positive number: ${text}`;
  }
  const limits = range.split("-");
  if (limits.length > 2) return `too many hyphens: ${text}`;
  if (range === "*" || range === "?") return undefined;
  const [start, end = start] = limits.map((limit) => parseValue(limit, field));
  if (typeof start === "string") return start;
  if (typeof end === "string") return end;
  if (start === undefined || end === undefined) return `failed to parse range: ${text}`;
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${text}`;
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${text}`;
  return start > end ? `beginning of range (${start}) beyond end of range (${end}): ${text}` : undefined;
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
