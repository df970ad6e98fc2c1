// Names that all kinds of dynamic resource allocation use: of drivers, pools, requests and attributes.

import type { FieldError } from "../kind.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from "../meta/names.ts";
import { duplicate, invalidValue, required, tooLong, tooMany } from "../meta/field-error.ts";
import { invalidTexts } from "../meta/value-validation.ts";
import { repeatedPlaces } from "../meta/repeats.ts";

const DRIVER_NAME_MAX = 63;
const POOL_NAME_MAX = 253;
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

/** "domain/identifier", or the identifier alone, which then is the driver's own. More slashes pass, as upstream lets them. */
export function validateQualifiedName(name: string, field: string): FieldError[] {
  const [first = "", second, ...more] = name.split("/");
  if (second === undefined) return validateIdentifier(first, field);
  if (more.length > 0) return [];
  return [
    ...(first === "" ? [invalidValue(field, "", "the domain must not be empty")] : validateDriverName(first, field)),
    ...(second === "" ? [invalidValue(field, "", "the name must not be empty")] : validateIdentifier(second, field)),
  ];
}

/** With its domain. */
export function validateFullyQualifiedName(name: string, field: string): FieldError[] {
  const errors = validateQualifiedName(name, field);
  if (name.includes("/")) return errors;
  return [
    ...errors,
    invalidValue(field, name, "a fully qualified name must be a domain and a name separated by a slash"),
  ];
}

function validateIdentifier(identifier: string, field: string): FieldError[] {
  const errors = identifier.length > ID_MAX ? [tooLong(field, ID_MAX)] : [];
  return C_IDENTIFIER.test(identifier) ? errors : [...errors, invalidValue(field, identifier, C_IDENTIFIER_TEXT)];
}

/** Each item by itself, unless there are too many. */
export function validateItems<T>(
  items: readonly T[] = [],
  field: string,
  options: { readonly max?: number; readonly check: (item: T, path: string) => FieldError[] },
): FieldError[] {
  const { max = Number.POSITIVE_INFINITY, check } = options;
  if (items.length > max) return [tooMany(field, items.length, max)];
  return items.flatMap((item, index) => check(item, `${field}[${index}]`));
}

/** As `validateItems`; no two may have the same key. */
export function validateUniqueItems<T>(
  items: readonly T[] = [],
  field: string,
  options: {
    readonly max?: number;
    readonly check: (item: T, path: string) => FieldError[];
    readonly keyOf: (item: T) => string;
  },
): FieldError[] {
  const errors = validateItems(items, field, options);
  if (items.length > (options.max ?? Number.POSITIVE_INFINITY)) return errors;
  const keys = items.map(options.keyOf);
  const repeated = repeatedPlaces(keys);
  return [
    ...errors,
    ...keys.flatMap((key, index) => (repeated.has(index) ? [duplicate(`${field}[${index}]`, key)] : [])),
  ];
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
  if (entries.length > max) return [tooMany(field, entries.length, max)];
  return entries.flatMap(([key, value]) => [...checkKey(key, field), ...(check?.(value, `${field}[${key}]`) ?? [])]);
}
