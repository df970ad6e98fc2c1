// Makers of FieldError, one per type, in the words that kubectl users know. A path is "spec.containers[0].name"; the value is
// shown as JSON, so that a string stands in quotes.

import type { FaultsAt, FieldError } from "../kind.ts";

export function required(field: string, detail = ""): FieldError {
  return { type: "FieldValueRequired", field, message: detail === "" ? "Required value" : `Required value: ${detail}` };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return showing("FieldValueInvalid", field, { title: "Invalid value", value, detail });
}

/** Something wrong with how several fields go together, where no single value is to be shown. */
export function invalidRule(field: string, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, message: `Invalid value: ${detail}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(", ");
  const detail = `supported values: ${list}`;
  return showing("FieldValueNotSupported", field, { title: "Unsupported value", value, detail });
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: "FieldValueForbidden", field, message: `Forbidden: ${detail}` };
}

export function duplicate(field: string, value: unknown, detail = ""): FieldError {
  return showing("FieldValueDuplicate", field, { title: "Duplicate value", value, detail });
}

/** What upstream calls a fault of its own, though it is the client's. */
export function internalError(field: string, detail: string): FieldError {
  return { type: "InternalError", field, message: `Internal error: ${detail}` };
}

/** A reference to something that the object does not have. */
export function notFound(field: string, value: unknown, detail = ""): FieldError {
  return showing("FieldValueNotFound", field, { title: "Not found", value, detail });
}

export function tooLong(field: string, bytesMax: number): FieldError {
  return { type: "FieldValueTooLong", field, message: `Too long: may not be more than ${bytesMax} bytes` };
}

export function tooMany(field: string, count: number, countMax: number): FieldError {
  return { type: "FieldValueTooMany", field, message: `Too many: ${count}: must have at most ${countMax} items` };
}

/** For objects whose expressions nobody reads. */
export const NO_FAULTS: FaultsAt = () => [];

/** Text of the error for fields that never change. */
export const IMMUTABLE_FIELD = "field is immutable";

/** `spec.selector: Invalid value: …: field is immutable` unless both values are equal as JSON. */
export function unchanged(field: string, value: unknown, old: unknown): FieldError[] {
  return isEqualJson(value, old) ? [] : [invalidValue(field, value ?? null, IMMUTABLE_FIELD)];
}

/** Equal as JSON values: order of keys does not matter, undefined fields are absent. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqualJson(item, b[i]))
    );
  }
  const entriesOfA = Object.entries(a).filter(([, value]) => value !== undefined);
  const fieldsOfB = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return (
    entriesOfA.length === fieldsOfB.size &&
    entriesOfA.every(([key, value]) => fieldsOfB.has(key) && isEqualJson(value, fieldsOfB.get(key)))
  );
}

function showing(
  type: FieldError["type"],
  field: string,
  { title, value, detail }: { readonly title: string; readonly value: unknown; readonly detail: string },
): FieldError {
  const text = `${title}: ${JSON.stringify(value) ?? "null"}`;
  const message = detail === "" ? text : `${text}: ${detail}`;
  return typeof value === "object" && value !== null ? { type, field, message, value } : { type, field, message };
}
