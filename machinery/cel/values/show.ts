// Values in messages of errors.

import { formatDouble } from "./numbers.ts";
import { CelError, CelList, CelMap, type CelValue, Duration, Optional, Timestamp, TypeValue, Uint } from "./values.ts";
import { formatDuration, formatTimestamp } from "./times.ts";

export function showValue(value: CelValue): string {
  switch (typeof value) {
    case "string":
      return value;
    case "bigint":
    case "boolean":
      return String(value);
    case "number":
      return formatDouble(value);
    default:
      return value === null ? "null" : showObject(value);
  }
}

function showObject(value: object & CelValue): string {
  if (value instanceof Uint) return String(value.value);
  if (value instanceof CelError) return value.message;
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof CelList) return `[${Array.from(value, showValue).join(", ")}]`;
  if (value instanceof CelMap) {
    const entries = Array.from(value.keys(), (key) => `${showValue(key)}: ${showValue(value.get(key) ?? null)}`);
    return `{${entries.join(", ")}}`;
  }
  if (value instanceof Optional) {
    return value.value === undefined ? "optional.none()" : `optional(${showValue(value.value)})`;
  }
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value.typeName;
}
