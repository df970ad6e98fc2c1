// From one type to another, by the type's name: int("7"), string(1.5), timestamp("2026-01-01T00:00:00Z").

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { decodeUtf8 } from "../values/bytes.ts";
import { doubleToInt, doubleToUint, formatDouble, isInt64, isUint64 } from "../values/numbers.ts";
import {
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  secondsOf,
  timestampOfSeconds,
} from "../values/times.ts";
import { CelError, type CelValue, Duration, type Timestamp, TypeValue, typeNameOf, Uint } from "../values/values.ts";

const encoder = new TextEncoder();

export const CONVERSIONS: readonly FunctionDeclaration[] = [
  declare("type", [overload("(A) -> type(A)", "type")], (value = null) => new TypeValue(typeNameOf(value))),
  declare("dyn", [overload("(A) -> dyn", "to_dyn")], (value = null) => value),
  declare("bool", [
    overload("(bool) -> bool", "bool_to_bool", (value: boolean) => value),
    overload("(string) -> bool", "string_to_bool", parseBool),
  ]),
  declare("bytes", [
    overload("(bytes) -> bytes", "bytes_to_bytes", (value: Uint8Array) => value),
    overload("(string) -> bytes", "string_to_bytes", (value: string) => encoder.encode(value)),
  ]),
  declare("double", [
    overload("(double) -> double", "double_to_double", (value: number) => value),
    overload("(int) -> double", "int64_to_double", (value: bigint) => Number(value)),
    overload("(string) -> double", "string_to_double", parseDouble),
    overload("(uint) -> double", "uint64_to_double", (value: Uint) => Number(value.value)),
  ]),
  declare("duration", [
    overload("(duration) -> duration", "duration_to_duration", (value: Duration) => value),
    overload("(int) -> duration", "int64_to_duration", (nanos: bigint) => new Duration(nanos)),
    overload("(string) -> duration", "string_to_duration", (text: string) => {
      return parseDuration(text) ?? notConvertible("string", "google.protobuf.Duration");
    }),
  ]),
  declare("int", [
    overload("(int) -> int", "int64_to_int64", (value: bigint) => value),
    overload("(double) -> int", "double_to_int64", (value: number) => doubleToInt(value) ?? overflow("integer")),
    overload("(duration) -> int", "duration_to_int64", (value: Duration) => value.nanos),
    overload("(string) -> int", "string_to_int64", parseInt64),
    overload("(timestamp) -> int", "timestamp_to_int64", (value: Timestamp) => secondsOf(value)),
    overload("(uint) -> int", "uint64_to_int64", ({ value }: Uint) => (isInt64(value) ? value : overflow("integer"))),
  ]),
  declare("string", [
    overload("(string) -> string", "string_to_string", (value: string) => value),
    overload("(bool) -> string", "bool_to_string", (value: boolean) => String(value)),
    overload("(bytes) -> string", "bytes_to_string", (value: Uint8Array) => {
      return decodeUtf8(value) ?? new CelError("invalid UTF-8 in bytes, cannot convert to string");
    }),
    overload("(double) -> string", "double_to_string", formatDouble),
    overload("(duration) -> string", "duration_to_string", formatDuration),
    overload("(int) -> string", "int64_to_string", (value: bigint) => String(value)),
    overload("(timestamp) -> string", "timestamp_to_string", formatTimestamp),
    overload("(uint) -> string", "uint64_to_string", ({ value }: Uint) => String(value)),
  ]),
  declare("timestamp", [
    overload("(timestamp) -> timestamp", "timestamp_to_timestamp", (value: Timestamp) => value),
    overload("(int) -> timestamp", "int64_to_timestamp", timestampOfSeconds),
    overload("(string) -> timestamp", "string_to_timestamp", (text: string) => {
      return parseTimestamp(text) ?? notConvertible("string", "google.protobuf.Timestamp");
    }),
  ]),
  declare("uint", [
    overload("(uint) -> uint", "uint64_to_uint64", (value: Uint) => value),
    overload("(double) -> uint", "double_to_uint64", (value: number) => {
      const whole = doubleToUint(value);
      return whole === undefined ? overflow("unsigned integer") : new Uint(whole);
    }),
    overload("(int) -> uint", "int64_to_uint64", (value: bigint) => {
      return value < 0n ? overflow("unsigned integer") : new Uint(value);
    }),
    overload("(string) -> uint", "string_to_uint64", parseUint64),
  ]),
];

function overflow(what: string): CelError {
  return new CelError(`${what} overflow`);
}

function notConvertible(from: string, to: string): CelError {
  return new CelError(`type conversion error from '${from}' to '${to}'`);
}

const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE: ReadonlySet<string> = new Set(["0", "f", "F", "FALSE", "false", "False"]);

function parseBool(text: string): CelValue {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : notConvertible("string", "bool");
}

function parseInt64(text: string): CelValue {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
  return value !== undefined && isInt64(value) ? value : notConvertible("string", "int");
}

function parseUint64(text: string): CelValue {
  const value = /^\d+$/.test(text) ? BigInt(text) : undefined;
  return value !== undefined && isUint64(value) ? new Uint(value) : notConvertible("string", "uint");
}

function parseDouble(text: string): CelValue {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : notConvertible("string", "double");
  }
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (!special) return notConvertible("string", "double");
  if (special[2]?.toLowerCase() === "nan") return special[1] === "" ? Number.NaN : notConvertible("string", "double");
  return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
