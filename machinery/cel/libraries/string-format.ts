// "%d of %s".format([1, "x"]): strings, numbers in several bases, doubles with a precision.

import { tableOf } from "@atoll/base/table-of";
import type { CelType } from "../check/cel-type.ts";
import { nameOfType } from "../check/type-names.ts";
import { decodeUtf8 } from "../values/bytes.ts";
import { formatDouble } from "../values/numbers.ts";
import { checkLength } from "../values/text-length.ts";
import { formatDuration, formatTimestamp } from "../values/times.ts";
import {
  CelError,
  CelList,
  CelMap,
  type CelValue,
  Duration,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
} from "../values/values.ts";

const HEX_COMPLAINT = "only integers, byte buffers, and strings can be formatted as hex";
const PRECISION = 6;
/** Digits behind the point that anybody can ask for; more would only be zeros. */
const PRECISION_MAX = 100;

/** Thrown within; the caller gets it as a value. */
class FormatError extends Error {}

export function formatString(format: string, values: CelList): CelValue {
  try {
    return fill(format, values);
  } catch (error) {
    if (error instanceof FormatError) return new CelError(error.message);
    throw error;
  }
}

function fill(format: string, values: CelList): string {
  let filled = "";
  let used = 0;
  for (let index = 0; index < format.length; index++) {
    if (format[index] !== "%") {
      filled += format[index];
      continue;
    }
    const clause = /%(?:(%)|(?:\.(\d*))?(.?))/suy;
    clause.lastIndex = index;
    const [whole = "%", percent, precision, verb = ""] = clause.exec(format) ?? [];
    index += whole.length - 1;
    if (percent) {
      filled += "%";
      continue;
    }
    if (verb === "") throw new FormatError("could not parse formatting clause: unexpected end of string");
    if (used >= values.size) throw new FormatError(`index ${used} out of range`);
    filled += formatValue(verb, values.at(used++), precision);
    checkLength(filled.length);
  }
  return filled;
}

type Wanted = ReadonlySet<CelType["kind"]>;

const WANTED: Readonly<Record<string, { readonly types: Wanted; readonly complaint: string }>> = {
  s: {
    types: new Set([
      "list",
      "map",
      "int",
      "uint",
      "double",
      "bool",
      "string",
      "timestamp",
      "bytes",
      "duration",
      "type",
      "null",
    ]),
    complaint:
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
  },
  d: { types: new Set(["int", "uint"]), complaint: "decimal clause can only be used on integers" },
  f: { types: new Set(["double", "string"]), complaint: "fixed-point clause can only be used on doubles" },
  e: { types: new Set(["double", "string"]), complaint: "scientific clause can only be used on doubles" },
  b: { types: new Set(["int", "uint", "bool"]), complaint: "only integers and bools can be formatted as binary" },
  o: { types: new Set(["int", "uint"]), complaint: "octal clause can only be used on integers" },
  x: { types: new Set(["int", "uint", "string", "bytes"]), complaint: HEX_COMPLAINT },
  X: { types: new Set(["int", "uint", "string", "bytes"]), complaint: HEX_COMPLAINT },
};

/** What will always be wrong, by the types of the values. The index is that of the value it is about. */
export function formatProblem(
  format: string,
  types: readonly CelType[],
): { readonly message: string; readonly index?: number } | undefined {
  let used = 0;
  for (const [whole, precision = "", verb = ""] of format.matchAll(/%(?:%|(\.\d*)?(.?))/gsu)) {
    if (whole === "%%") continue;
    if (verb === "") return { message: "unexpected end of string" };
    if (used >= types.length) return { message: `index ${used} out of range` };
    const type = types[used++];
    const wanted = WANTED[verb];
    if (!wanted)
      return { message: `could not parse formatting clause: unrecognized formatting clause "${precision}${verb}"` };
    if (!type || type.kind === "dyn" || wanted.types.has(type.kind)) continue;
    return { message: `error during formatting: ${wanted.complaint}, was given ${nameOfType(type)}`, index: used - 1 };
  }
  if (types.length <= used) return undefined;
  return { message: `too many arguments supplied to string.format (expected ${used}, got ${types.length})` };
}

function formatValue(verb: string, value: CelValue, precision: string | undefined): string {
  const digits = Math.min(precision === undefined || precision === "" ? PRECISION : Number(precision), PRECISION_MAX);
  switch (verb) {
    case "s":
      return textOf(value);
    case "d":
      return decimal(value);
    case "f":
      return double(value, "fixed-point", (number) => number.toFixed(digits));
    case "e":
      return double(value, "scientific", (number) => scientific(number));
    case "b":
      return typeof value === "boolean"
        ? value
          ? "1"
          : "0"
        : whole(value, 2, "only integers and bools can be formatted as binary");
    case "o":
      return whole(value, 8, "octal clause can only be used on integers");
    case "x":
      return hexadecimal(value);
    case "X":
      return hexadecimal(value).toUpperCase();
    default:
      throw new FormatError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function was(value: CelValue): string {
  return `was given ${typeNameOf(value)}`;
}

function decimal(value: CelValue): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint) return String(value.value);
  throw new FormatError(`error during formatting: decimal clause can only be used on integers, ${was(value)}`);
}

function whole(value: CelValue, base: number, complaint: string): string {
  if (typeof value === "bigint") return value.toString(base);
  if (value instanceof Uint) return value.value.toString(base);
  throw new FormatError(`error during formatting: ${complaint}, ${was(value)}`);
}

function hexadecimal(value: CelValue): string {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  if (bytes instanceof Uint8Array) return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return whole(value, 16, HEX_COMPLAINT);
}

const SPECIAL: Readonly<Record<string, string>> = tableOf({ NaN: "NaN", Infinity: "∞", "-Infinity": "-∞" });

function double(value: CelValue, name: string, print: (number: number) => string): string {
  const text = typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  const special = SPECIAL[text];
  if (special !== undefined) return special;
  if (typeof value === "number") return print(value);
  throw new FormatError(`error during formatting: ${name} clause can only be used on doubles, ${was(value)}`);
}

/** As upstream prints it for readers of English: the exponent's digits raised, and always so many digits. */
function scientific(value: number): string {
  const [mantissa = "", exponent = ""] = value.toExponential(PRECISION).split("e");
  const sign = exponent.startsWith("-") ? "⁻" : "";
  const raised = exponent.replace(/^[+-]/, "").padStart(2, "0");
  return `${mantissa}×10${sign}${raised.replaceAll(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? "")}`;
}

function textOf(value: CelValue): string {
  if (typeof value === "string") return value;
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (typeof value === "number") return formatDouble(value);
  if (value instanceof Uint8Array) return decodeUtf8(value) ?? new TextDecoder().decode(value);
  return plainText(value) ?? nested(value);
}

function plainText(value: CelValue): string | undefined {
  if (value === null) return "null";
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof Uint) return String(value.value);
  return value instanceof TypeValue ? value.name : undefined;
}

function nested(value: CelValue): string {
  if (value instanceof CelList) return `[${Array.from(value, member).join(", ")}]`;
  if (!(value instanceof CelMap)) {
    const types = "strings, bools, integers, bytes, types, and containers";
    throw new FormatError(`error during formatting: string clause can only be used on ${types}, ${was(value)}`);
  }
  const entries = Array.from(value.keys(), (key) => [member(key), member(value.get(key) ?? null)] as const);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, text]) => `${key}:${text}`).join(", ")}}`;
}

/** In a list or a map strings are quoted and doubles have their digits. */
function member(value: CelValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return `b${JSON.stringify(textOf(value))}`;
  if (typeof value === "number") return Number.isFinite(value) ? value.toFixed(PRECISION) : `"${formatDouble(value)}"`;
  if (value instanceof Timestamp) return `timestamp(${JSON.stringify(formatTimestamp(value))})`;
  if (value instanceof Duration) return `duration(${JSON.stringify(formatDuration(value))})`;
  return plainText(value) ?? nested(value);
}
