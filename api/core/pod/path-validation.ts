// Paths that lead into a container or a volume, and must not lead out of it.

import type { FieldError } from "../../kind.ts";
import { invalidValue } from "../../meta/field-error.ts";

export function validateNoBackSteps(path: string, field: string): FieldError[] {
  return path.split("/").includes("..") ? [invalidValue(field, path, "must not contain '..'")] : [];
}

export function validateDescendingPath(path: string, field: string): FieldError[] {
  const errors = path.startsWith("/") ? [invalidValue(field, path, "must be a relative path")] : [];
  return [...errors, ...validateNoBackSteps(path, field)];
}

/** Names that begin with two dots are the node agent's own. */
export function validateFreePath(path: string, field: string): FieldError[] {
  const isReserved = path.startsWith("..") && !path.startsWith("../");
  const text = "must not start with '..'";
  return [...validateDescendingPath(path, field), ...(isReserved ? [invalidValue(field, path, text)] : [])];
}

export function validateMode(mode: number | undefined, field: string): FieldError[] {
  const isOutside = mode !== undefined && (mode < 0 || mode > 0o777);
  return isOutside ? [invalidValue(field, mode, "must be a number between 0 and 0777 (octal), both inclusive")] : [];
}
