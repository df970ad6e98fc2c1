// Names that all kinds of dynamic resource allocation use: of drivers, pools, requests and attributes.

import type { FieldError } from "../kind.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from "../meta/names.ts";
import { duplicate, invalidValue, required, tooLong, tooMany } from "../meta/field-error.ts";
import { invalidTexts } from "../meta/value-validation.ts";

const DRIVER_NAME_MAX = 63;
const POOL_NAME_MAX = 253;
const DOMAIN_MAX = 63;
const ID_MAX = 32;
const C_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const C_IDENTIFIER_TEXT =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

/** Of a driver, which hosts use in paths. */
export function validateDriverName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const errors = name.length > DRIVER_NAME_MAX ? [tooLong(field, DRIVER_NAME_MAX)] : [];
  return [...errors, ...invalidTexts(field, name, checkDns1123Subdomain(name.toLowerCase()))];
}

/** One or more subdomains with slashes between them. */
export function validatePoolName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const errors = name.length > POOL_NAME_MAX ? [tooLong(field, POOL_NAME_MAX)] : [];
  return [...errors, ...name.split("/").flatMap((part) => invalidTexts(field, part, checkDns1123Subdomain(part)))];
}

export function validateLabel(name: string, field: string): FieldError[] {
  return invalidTexts(field, name, checkDns1123Label(name));
}

export function validateLabelKey(name: string, field: string): FieldError[] {
  return invalidTexts(field, name, checkQualifiedName(name));
}

export function validateLabelValue(value: string, field: string): FieldError[] {
  return invalidTexts(field, value, checkLabelValue(value));
}

/** "domain/identifier", or the identifier alone, which then is the driver's own. */
export function validateQualifiedName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field, "name required")];
  const [first = "", second, ...more] = name.split("/");
  if (second === undefined) return validateIdentifier(first, field);
  const errors: FieldError[] = [];
  if (first === "") errors.push(required(field, "the domain must not be empty"));
  else {
    if (first.length > DOMAIN_MAX) errors.push(tooLong(field, DOMAIN_MAX));
    errors.push(...invalidTexts(field, first, checkDns1123Subdomain(first)));
  }
  const identifier = [second, ...more].join("/");
  if (identifier === "") return [...errors, required(field, "the name must not be empty")];
  return [...errors, ...validateIdentifier(identifier, field)];
}

/** With its domain. */
export function validateFullyQualifiedName(name: string, field: string): FieldError[] {
  const errors = validateQualifiedName(name, field);
  if (name === "" || name.includes("/")) return errors;
  return [...errors, invalidValue(field, name, "must include a domain")];
}

function validateIdentifier(identifier: string, field: string): FieldError[] {
  const errors = identifier.length > ID_MAX ? [tooLong(field, ID_MAX)] : [];
  return C_IDENTIFIER.test(identifier) ? errors : [...errors, invalidValue(field, identifier, C_IDENTIFIER_TEXT)];
}

/** Each item by itself, and how many there may be. */
export function validateItems<T>(
  items: readonly T[] | undefined,
  field: string,
  options: { readonly max?: number; readonly check: (item: T, path: string) => FieldError[] },
): FieldError[] {
  const list = items ?? [];
  const { max = Number.POSITIVE_INFINITY, check } = options;
  const errors = list.flatMap((item, index) => check(item, `${field}[${index}]`));
  return list.length > max ? [...errors, tooMany(field, list.length, max)] : errors;
}

/** As `validateItems`; no two may have the same key. */
export function validateUniqueItems<T>(
  items: readonly T[] | undefined,
  field: string,
  options: {
    readonly max?: number;
    readonly check: (item: T, path: string) => FieldError[];
    readonly keyOf: (item: T) => string;
    /** What of an item is the key: "name". */
    readonly keyField?: string;
  },
): FieldError[] {
  const seen = new Set<string>();
  const { keyOf, keyField, check } = options;
  return validateItems(items, field, {
    ...options,
    check: (item, path) => {
      const errors = check(item, path);
      const key = keyOf(item);
      if (seen.has(key)) errors.push(duplicate(keyField ? `${path}.${keyField}` : path, key));
      seen.add(key);
      return errors;
    },
  });
}

/** A map's keys and values. */
export function validateEntries<T>(
  map: Readonly<Record<string, T>> | undefined,
  field: string,
  options: {
    readonly max?: number;
    readonly checkKey: (key: string, field: string) => FieldError[];
    readonly check?: (value: T, path: string) => FieldError[];
  },
): FieldError[] {
  const entries = Object.entries(map ?? {});
  const { max = Number.POSITIVE_INFINITY, checkKey, check } = options;
  const errors = entries.length > max ? [tooMany(field, entries.length, max)] : [];
  return [
    ...errors,
    ...entries.flatMap(([key, value]) => [...checkKey(key, field), ...(check?.(value, `${field}[${key}]`) ?? [])]),
  ];
}
