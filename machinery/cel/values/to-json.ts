// Values as JSON: what an expression has made, as an object that a client could have sent.

import { formatDuration, formatTimestamp } from "./times.ts";
import { CelList, CelMap, type CelValue, Duration, Optional, Timestamp, Uint } from "./values.ts";

/** Bytes become Base64, times text; an empty optional and what has no JSON become null. */
export function toJson(value: CelValue): unknown {
  switch (typeof value) {
    case "bigint":
      return Number(value);
    case "string":
    case "number":
    case "boolean":
      return value;
    default:
      return value === null ? null : objectToJson(value);
  }
}

function objectToJson(value: object & CelValue): unknown {
  if (value instanceof CelList) return Array.from(value, toJson);
  if (value instanceof CelMap) {
    return Object.fromEntries(Array.from(value.keys(), (key) => [keyText(key), toJson(value.get(key) ?? null)]));
  }
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Optional) return value.value === undefined ? null : toJson(value.value);
  return value instanceof Uint8Array ? btoa(String.fromCharCode(...value)) : null;
}

function keyText(key: CelValue): string {
  return key instanceof Uint ? String(key.value) : String(key);
}
