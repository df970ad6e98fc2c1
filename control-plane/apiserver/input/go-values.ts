// How upstream words a strategic merge patch that does not fit: it goes from a Go map straight into a Go struct, and its messages
// show both as Go does.

import type { TypeMismatch } from "@atoll/api/kind";
import { READ_THEMSELVES } from "@atoll/machinery/object/decoding/go-messages";

/** As fmt's "%v" prints a decoded JSON value: "map[a:1 b:[x y]]", keys in order. */
export function formatGoValue(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(formatGoValue).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `map[${entries.map(([name, inside]) => `${name}:${formatGoValue(inside)}`).join(" ")}]`;
}

const SCALARS: ReadonlySet<string> = new Set(["string", "bool", "uint8", "int32", "int64", "float64"]);

export function describeGoConversion({ sent: value, wantedType, namedType, message }: TypeMismatch): string {
  const kind = goKindOf(value);
  // What reads itself does not know where it stands.
  if (READ_THEMSELVES.has(wantedType)) return message.replace(/Go struct field \S+ of/, "Go value of");
  if (wantedType === "[]uint8" && kind === "string") return `error decoding from json: ${message}`;
  if (wantedType.startsWith("map[")) return `cannot restore map from ${kind}`;
  if (wantedType.startsWith("[]")) return `cannot restore slice from ${kind}`;
  if (!SCALARS.has(wantedType)) return `cannot restore struct from: ${kind}`;
  const isNumber = typeof value === "number";
  // Go can make a text of a whole number and a whole number of any: only JSON forbids it.
  const isConvertible = isNumber && (wantedType === "string" ? Number.isInteger(value) : wantedType !== "bool");
  return isConvertible ? `cannot convert ${kind} to ${namedType ?? wantedType}` : `unrecognized type: ${wantedType}`;
}

function goKindOf(value: unknown): string {
  if (Array.isArray(value)) return "slice";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "string" ? "string" : "map";
}
