// What Go's readers of times, quantities and base64 say of a text that is none.

/** Types that read themselves from JSON: a decoder stops where one of them cannot, and says what it says. */
export const READ_THEMSELVES: ReadonlySet<string> = new Set(["v1.Time", "resource.Quantity", "intstr.IntOrString"]);

/** One element of a layout, as Go names it, and what fits there. */
type Element = readonly [name: string, pattern: RegExp, max?: number];

const UNTIL_SECONDS: readonly Element[] = [
  ["2006", /^\d{4}/],
  ["-", /^-/],
  ["01", /^\d\d/, 12],
  ["-", /^-/],
  ["02", /^\d\d/, 31],
  ["T", /^T/],
  ["15", /^\d\d/, 23],
  [":", /^:/],
  ["04", /^\d\d/, 59],
  [":", /^:/],
  ["05", /^\d\d/, 59],
];
const ZONE: Element = ["Z07:00", /^(Z|[+-]\d\d:\d\d)/];
const RANGES: Readonly<Record<string, string>> = {
  "01": "month",
  "02": "day",
  "15": "hour",
  "04": "minute",
  "05": "second",
};

/** `format` as in the schema model. */
export function describeBadTime(text: string, format: "date-time" | "date-time-micro"): string {
  const isMicro = format === "date-time-micro";
  const layout = `2006-01-02T15:04:05${isMicro ? ".000000" : ""}Z07:00`;
  const fraction: Element = isMicro ? [".000000", /^\.\d{6}/] : ["", /^(\.\d+)?/];
  let rest = text;
  for (const [name, pattern, max] of [...UNTIL_SECONDS, fraction, ZONE]) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) {
      return `parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(name)}`;
    }
    if (max !== undefined && Number(found) > max) return `parsing time ${quote(text)}: ${RANGES[name]} out of range`;
    rest = rest.slice(found.length);
  }
  return rest === ""
    ? `parsing time ${quote(text)}: day out of range`
    : `parsing time ${quote(text)}: extra text: ${quote(rest)}`;
}

const QUANTITY = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

export function describeBadQuantity(value: unknown): string {
  const text = String(value);
  // In two halves: the digits of a long text could be divided in as many ways as there are.
  const number = /^[+-]?[0-9.]+/.exec(text)?.[0];
  const isOfForm = number !== undefined && /^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(text.slice(number.length));
  if (isOfForm) return "unable to parse quantity's suffix";
  return `quantities must match the regular expression '${QUANTITY}'`;
}

/** Line breaks do not count as input. */
export function describeBadBase64(text: string): string {
  const symbols = /^[A-Za-z0-9+/]*/.exec(text)?.[0].length ?? 0;
  const padding = /^={0,2}/.exec(text.slice(symbols))?.[0].length ?? 0;
  const isPadded = (symbols + padding) % 4 === 0 && symbols % 4 > 1;
  return `illegal base64 data at input byte ${isPadded ? symbols + padding : symbols}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
