import type { HostAlias, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { checkAddress } from "../../meta/addresses.ts";
import { invalidValue, required } from "../../meta/field-error.ts";
import { checkDns1123Subdomain, checkSearchDomain } from "../../meta/names.ts";

/** What resolvers read; further ones would be ignored. */
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
/** All search domains with a space between each two. */
const SEARCHES_CHARACTERS_MAX = 2048;

export function validateDns(spec: PodSpec, path: string): FieldError[] {
  return [
    ...validateDnsConfig(spec, `${path}.dnsConfig`),
    ...validateHostAliases(spec.hostAliases ?? [], `${path}.hostAliases`),
  ];
}

function validateDnsConfig({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === "None") {
    if (!dnsConfig) return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")];
    if (nameservers.length === 0) {
      const text = "must provide at least one DNS nameserver when `dnsPolicy` is None";
      return [required(`${path}.nameservers`, text)];
    }
  }
  const errors = nameservers.flatMap((address, i) => validateAddress(address, `${path}.nameservers[${i}]`));
  if (nameservers.length > NAMESERVERS_MAX) {
    const text = `must not have more than ${NAMESERVERS_MAX} nameservers`;
    errors.push(invalidValue(`${path}.nameservers`, nameservers, text));
  }
  if (searches.length > SEARCHES_MAX) {
    errors.push(invalidValue(`${path}.searches`, searches, `must not have more than ${SEARCHES_MAX} search paths`));
  }
  if (searches.join(" ").length > SEARCHES_CHARACTERS_MAX) {
    const text = `must not have more than ${SEARCHES_CHARACTERS_MAX} characters (including spaces) in the search list`;
    errors.push(invalidValue(`${path}.searches`, searches, text));
  }
  errors.push(...searches.flatMap((search, i) => validateSearch(search, `${path}.searches[${i}]`)));
  for (const [i, option] of options.entries()) {
    if (!option.name) errors.push(required(`${path}.options[${i}]`, "must not be empty"));
  }
  return errors;
}

/** Underscores are common in search domains, though no host may be called so. */
function validateSearch(search: string, field: string): FieldError[] {
  if (search === ".") return [];
  const domain = search.replace(/\.$/, "");
  return checkSearchDomain(domain).map((text) => invalidValue(field, domain, text));
}

function validateHostAliases(aliases: readonly HostAlias[], path: string): FieldError[] {
  return aliases.flatMap((alias, i) => [
    ...validateAddress(alias.ip, `${path}[${i}].ip`),
    ...(alias.hostnames ?? []).flatMap((name, j) =>
      checkDns1123Subdomain(name).map((text) => invalidValue(`${path}[${i}].hostnames[${j}]`, name, text)),
    ),
  ]);
}

function validateAddress(address: string, field: string): FieldError[] {
  return checkAddress(address).map((text) => invalidValue(field, address, text));
}
