// Checks of single values that many kinds make, and the errors they give.

import type { IntOrString } from "../generated/types.ts";
import type { FieldError } from "../kind.ts";
import { invalidValue, notSupported, required } from "./field-error.ts";
import { checkDns1123Subdomain } from "./names.ts";

/** One FieldValueInvalid for each thing that a check of `names.ts` found wrong. */
export function invalidTexts(field: string, value: unknown, texts: readonly string[]): FieldError[] {
  return texts.map((text) => invalidValue(field, value, text));
}

/** A value that must be there and be one of the choices. */
export function validateChoice(value: string | undefined, choices: readonly string[], field: string): FieldError[] {
  if (!value) return [required(field)];
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

/** As `validateChoice`, of a value that may be left out. */
export function validateOptionalChoice(
  value: string | undefined,
  choices: readonly string[],
  field: string,
): FieldError[] {
  return value === undefined || choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

export function validateNotNegative(value: number | undefined, field: string): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(field, value, "must be greater than or equal to 0")] : [];
}

const PATH_PATTERN = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** "example.com/name", as finalizers of controllers and managers of jobs are called. */
export function validateDomainPrefixedPath(value: string, field: string): FieldError[] {
  if (value === "") return [required(field)];
  const [host = "", ...rest] = value.split("/");
  const path = rest.join("/");
  if (host === "" || path === "") {
    return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const errors = invalidTexts(field, host, checkDns1123Subdomain(host));
  if (new RegExp(`^${PATH_PATTERN}$`).test(path)) return errors;
  return [...errors, invalidValue(field, path, `Invalid path (regex used for validation is '${PATH_PATTERN}')`)];
}

const PERCENT_TEXT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A count, or a share as "25%". */
export function validateIntOrPercent(value: IntOrString | undefined, field: string): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === "number") return validateNotNegative(value, field);
  return /^\d+%$/.test(value) ? [] : [invalidValue(field, value, PERCENT_TEXT)];
}

export function validateAtMostAll(value: IntOrString | undefined, field: string): FieldError[] {
  const isMore = typeof value === "string" && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100;
  return isMore ? [invalidValue(field, value, "must not be greater than 100%")] : [];
}

/** Of a percentage the number in front; zero for what is no number. */
export function numberOf(value: IntOrString | undefined): number {
  const text = String(value ?? 0);
  return /^([+-]?\d+|\d+%)$/.test(text) ? Number.parseInt(text, 10) : 0;
}
