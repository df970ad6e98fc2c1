// What is wrong with the options of a request, all of it at once and in upstream's words: the kind they are read as, the fields
// and the order are those that clients see there.

import { FAULTS_LENGTH_MAX } from "@atoll/api/meta/long-checks";
import type { StatusCause } from "@atoll/api/meta/types";
import { invalid } from "@atoll/machinery/object/api-error";

export type OptionsKind = "CreateOptions" | "UpdateOptions" | "PatchOptions" | "DeleteOptions";

export function throwIfFaulty(kind: OptionsKind, faults: readonly StatusCause[]): void {
  if (faults.length > 0) throw invalid({ group: "meta.k8s.io", name: kind }, "", faults);
}

/** "All" is the only word there is for a dry run; anything else must not be taken for a real one. */
export function dryRunFaults(values: readonly string[]): StatusCause[] {
  if (values.every((value) => value === "All")) return [];
  return [unsupported("dryRun", values, ["All"])];
}

export function fieldValidationFaults(value: string): StatusCause[] {
  return FIELD_VALIDATIONS.includes(value) ? [] : [unsupported("fieldValidation", value, FIELD_VALIDATIONS)];
}

const FIELD_VALIDATIONS: readonly string[] = ["", "Ignore", "Strict", "Warn"];

/** Upstream's limit of a manager's name, in bytes of UTF-8. */
export const MANAGER_BYTES_MAX = 128;

export const NOT_PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

export function fieldManagerFaults(name: string): StatusCause[] {
  const field = "fieldManager";
  const faults: StatusCause[] = [];
  if (Buffer.byteLength(name) > MANAGER_BYTES_MAX) {
    const message = `Too long: may not be more than ${MANAGER_BYTES_MAX} bytes`;
    faults.push({ reason: "FieldValueTooLong", field, message });
  }
  let [position, length] = [0, 0];
  for (const character of name) {
    // Each fault shows all of the name, which may be as long as a URL and have as many faults.
    if (length > FAULTS_LENGTH_MAX) break;
    if (NOT_PRINTABLE.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      const what = `invalid character U+${code} (at position ${position})`;
      const message = `Invalid value: ${JSON.stringify(name)}: ${what}`;
      faults.push({ reason: "FieldValueInvalid", field, message });
      length += message.length;
    }
    position += Buffer.byteLength(character);
  }
  return faults;
}

/** What only an apply may ask for, and must: `force`, and a name that stays the same from one apply to the next. */
export function applyFaults(query: URLSearchParams, isApply: boolean): StatusCause[] {
  if (isApply && !query.get("fieldManager")) {
    const message = "Required value: is required for apply patch";
    return [{ reason: "FieldValueRequired", field: "fieldManager", message }];
  }
  if (!isApply && query.has("force")) {
    const message = "Forbidden: may not be specified for non-apply patch";
    return [{ reason: "FieldValueForbidden", field: "force", message }];
  }
  return [];
}

export function propagationFaults(policy: string | undefined): StatusCause[] {
  if (policy === undefined || PROPAGATIONS.includes(policy)) return [];
  return [unsupported("propagationPolicy", policy, [...PROPAGATIONS, "nil"])];
}

const PROPAGATIONS: readonly string[] = ["Foreground", "Background", "Orphan"];

function unsupported(field: string, value: unknown, supported: readonly string[]): StatusCause {
  const choices = supported.map((choice) => JSON.stringify(choice)).join(", ");
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${choices}`;
  return { reason: "FieldValueNotSupported", field, message };
}
