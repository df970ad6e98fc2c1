// The grammar of names, labels, keys and ports. Each check returns what is wrong with the value, in upstream's words; an empty
// list means that it is fine.

import { checkCanonicalAddress } from "./addresses.ts";

export const DNS1123_LABEL_MAX = 63;
export const DNS1123_SUBDOMAIN_MAX = 253;
export const LABEL_VALUE_MAX = 63;
export const QUALIFIED_NAME_MAX = 63;

const DNS1123_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS1123_SUBDOMAIN = `${DNS1123_LABEL}(\\.${DNS1123_LABEL})*`;
const DNS1035_LABEL = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED_NAME})?`;
const CONFIG_KEY = "[-._a-zA-Z0-9]+";

const matchers = {
  dns1123Label: new RegExp(`^${DNS1123_LABEL}$`),
  dns1123Subdomain: new RegExp(`^${DNS1123_SUBDOMAIN}$`),
  dns1035Label: new RegExp(`^${DNS1035_LABEL}$`),
  qualifiedName: new RegExp(`^${QUALIFIED_NAME}$`),
  labelValue: new RegExp(`^${LABEL_VALUE}$`),
  configKey: new RegExp(`^${CONFIG_KEY}$`),
} as const;

const DNS1123_LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const DNS1123_SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const DNS1035_LABEL_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const QUALIFIED_NAME_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

export type NameRule = "dns1123Subdomain" | "dns1123Label" | "dns1035Label" | "ipAddress" | "pathSegment";

export function checkName(rule: NameRule, name: string): string[] {
  switch (rule) {
    case "dns1123Subdomain":
      return checkDns1123Subdomain(name);
    case "dns1123Label":
      return checkDns1123Label(name);
    case "dns1035Label":
      return checkDns1035Label(name);
    case "ipAddress":
      return checkCanonicalAddress(name);
    case "pathSegment":
      return checkPathSegment(name);
  }
}

export function checkDns1123Label(value: string): string[] {
  const errors = checkLength(value, DNS1123_LABEL_MAX);
  if (matchers.dns1123Label.test(value)) return errors;
  // A subdomain is the likely mistake, and the shorter text says what is wrong with it.
  if (matchers.dns1123Subdomain.test(value)) return [...errors, "must not contain dots"];
  return [...errors, regexText(DNS1123_LABEL_TEXT, DNS1123_LABEL, ["my-name", "123-abc"])];
}

export function checkDns1123Subdomain(value: string, unit: LengthUnit = "characters"): string[] {
  const errors = checkLength(value, DNS1123_SUBDOMAIN_MAX, unit);
  if (matchers.dns1123Subdomain.test(value)) return errors;
  return [...errors, regexText(DNS1123_SUBDOMAIN_TEXT, DNS1123_SUBDOMAIN, ["example.com"])];
}

const SEARCH_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SEARCH_DOMAIN = `${SEARCH_LABEL}(\\.${SEARCH_LABEL})*`;
const SEARCH_DOMAIN_TEXT = DNS1123_SUBDOMAIN_TEXT.replace("'-' or", "'_', '-' or");
const searchDomain = new RegExp(`^${SEARCH_DOMAIN}$`);

/** Where a resolver looks: as a subdomain, with underscores. */
export function checkSearchDomain(value: string): string[] {
  const errors = checkLength(value, DNS1123_SUBDOMAIN_MAX);
  return searchDomain.test(value) ? errors : [...errors, regexText(SEARCH_DOMAIN_TEXT, SEARCH_DOMAIN, ["example.com"])];
}

/** "*.example.com" */
export function checkWildcardSubdomain(value: string): string[] {
  const errors = checkLength(value, DNS1123_SUBDOMAIN_MAX);
  if (value.startsWith("*.") && matchers.dns1123Subdomain.test(value.slice(2))) return errors;
  const text =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...errors, regexText(text, `\\*\\.${DNS1123_SUBDOMAIN}`, ["*.example.com"])];
}

export function checkDns1035Label(value: string): string[] {
  const errors = checkLength(value, DNS1123_LABEL_MAX);
  if (matchers.dns1035Label.test(value)) return errors;
  return [...errors, regexText(DNS1035_LABEL_TEXT, DNS1035_LABEL, ["my-name", "abc-123"])];
}

export function checkPathSegment(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return ["/", "%"].filter((character) => value.includes(character)).map((found) => `may not contain '${found}'`);
}

/** A label or annotation key: an optional DNS prefix, "/" and a name. */
export function checkQualifiedName(value: string): string[] {
  // Most have no prefix.
  if (value.length <= QUALIFIED_NAME_MAX && matchers.qualifiedName.test(value)) return [];
  const parts = value.split("/");
  const name = parts.at(-1) ?? "";
  const errors: string[] = [];
  if (parts.length > 2) {
    const text = regexText(QUALIFIED_NAME_TEXT, QUALIFIED_NAME, ["MyName", "my.name", "123-abc"]);
    return [`a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    if (prefix === "") errors.push("prefix part must be non-empty");
    else errors.push(...checkDns1123Subdomain(prefix, "bytes").map((text) => `prefix part ${text}`));
  }
  if (name === "") errors.push("name part must be non-empty");
  else errors.push(...checkLength(name, QUALIFIED_NAME_MAX, "bytes").map((text) => `name part ${text}`));
  if (!matchers.qualifiedName.test(name)) {
    errors.push(`name part ${regexText(QUALIFIED_NAME_TEXT, QUALIFIED_NAME, ["MyName", "my.name", "123-abc"])}`);
  }
  return errors;
}

export function checkLabelValue(value: string): string[] {
  const errors = checkLength(value, LABEL_VALUE_MAX, "bytes");
  if (matchers.labelValue.test(value)) return errors;
  return [...errors, regexText(LABEL_VALUE_TEXT, LABEL_VALUE, ["MyValue", "my_value", "12345"])];
}

/** A key of a ConfigMap or Secret. */
export function checkConfigKey(value: string): string[] {
  const errors = checkLength(value, DNS1123_SUBDOMAIN_MAX);
  if (!matchers.configKey.test(value)) {
    errors.push(regexText(CONFIG_KEY_TEXT, CONFIG_KEY, ["key.name", "KEY_NAME", "key-name"]));
  }
  if (value === ".") errors.push("must not be '.'");
  else if (value === "..") errors.push("must not be '..'");
  else if (value.startsWith("..")) errors.push("must not start with '..'");
  return errors;
}

/** Printable ASCII but "=": what an environment variable may be called. */
export function checkEnvironmentName(value: string): string[] {
  if (value === "") return ["environment variable name must be non-empty"];
  return /^[ -<>-~]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export function checkPortNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];
}

/** A port's name (IANA service name): at most 15 lower-case characters with a letter in it. */
export function checkPortName(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(value)) errors.push("must contain at least one letter (a-z)");
  if (value.includes("--")) errors.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) errors.push("must not begin or end with a hyphen");
  return errors;
}

/** What upstream says that it counts: it is bytes either way. */
export type LengthUnit = "bytes" | "characters";

export function checkLength(value: string, lengthMax: number, unit: LengthUnit = "characters"): string[] {
  return value.length <= lengthMax ? [] : [`must be no more than ${lengthMax} ${unit}`];
}

function regexText(text: string, regex: string, examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}', `).join(" or ");
  return `${text} (e.g. ${list}regex used for validation is '${regex}')`;
}
