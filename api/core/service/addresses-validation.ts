// How `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` must go together, and how they may change.

import type { Service } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { addressFamily, checkAddress } from "../../meta/addresses.ts";
import { duplicate, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { HEADLESS, isExternalName, isHeadless } from "./traits.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

const ADDRESSES = "spec.clusterIPs";
const FAMILIES = "spec.ipFamilies";
const POLICY = "spec.ipFamilyPolicy";
const KNOWN_FAMILIES = ["IPv4", "IPv6"];
const KNOWN_POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];
/** One of each family. */
const ADDRESSES_MAX = 2;

/** Also asked before addresses are given out, so that nothing is given for what is wrong anyway. */
export function validateServiceAddresses(service: Service, old: Service | undefined): FieldError[] {
  if (isExternalName(service)) return [];
  const { clusterIP = "", clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = service.spec;
  const errors: FieldError[] = [];
  if (clusterIP !== "") {
    if (clusterIPs.length === 0) errors.push(required(ADDRESSES));
    else if (clusterIPs[0] !== clusterIP) {
      errors.push(invalidValue(ADDRESSES, clusterIPs, "first value must match `clusterIP`"));
    }
  } else if (clusterIPs.length > 0) {
    errors.push(invalidValue(ADDRESSES, clusterIPs, "must be empty when `clusterIP` is not specified"));
  }
  const repeated = repeatedPlaces(ipFamilies);
  for (const [i, family] of ipFamilies.entries()) {
    if (!KNOWN_FAMILIES.includes(family)) errors.push(notSupported(`${FAMILIES}[${i}]`, family, KNOWN_FAMILIES));
    if (repeated.has(i)) errors.push(duplicate(`${FAMILIES}[${i}]`, family));
  }
  if (ipFamilyPolicy !== undefined && !KNOWN_POLICIES.includes(ipFamilyPolicy)) {
    errors.push(notSupported(POLICY, ipFamilyPolicy, KNOWN_POLICIES));
  }
  const malformed = validateForms(clusterIPs, old?.spec.clusterIPs ?? []);
  if (clusterIPs.length > ADDRESSES_MAX) {
    malformed.push(invalidValue(ADDRESSES, clusterIPs, "may only hold up to 2 values"));
  }
  errors.push(...malformed);
  // What is no address has no family.
  if (malformed.some(({ message }) => !message.endsWith("may only hold up to 2 values"))) return errors;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(addressFamily)).size < 2) {
    errors.push(invalidValue(ADDRESSES, clusterIPs, "may specify no more than one IP for each IP family"));
  }
  if (isHeadless(service)) return errors;
  for (const [i, address] of clusterIPs.entries()) {
    const family = ipFamilies[i];
    if (family === undefined || !KNOWN_FAMILIES.includes(family) || addressFamily(address) === family) continue;
    const text = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``;
    errors.push(invalidValue(`${ADDRESSES}[${i}]`, address, text));
  }
  return errors;
}

function validateForms(addresses: readonly string[], known: readonly string[]): FieldError[] {
  return addresses.flatMap((address, i) => {
    if (i === 0 && address === HEADLESS) {
      return addresses.length > 1
        ? [invalidValue(ADDRESSES, addresses, "'None' must be the first and only value")]
        : [];
    }
    return known.includes(address) ? [] : invalidTexts(`${ADDRESSES}[${i}]`, address, checkAddress(address));
  });
}

/** The first address stays for the service's life; the second may come, and go when the policy says so. */
export function validateServiceAddressesUpdate(service: Service, old: Service): FieldError[] {
  if (isExternalName(service) || isExternalName(old)) return [];
  return [...validateAddressChange(service, old), ...validateFamilyChange(service, old)];
}

const MAY_NOT_CHANGE = "may not change once set";

function validateAddressChange(service: Service, old: Service): FieldError[] {
  if (isHeadless(service) && isHeadless(old)) return [];
  const { clusterIPs = [], ipFamilyPolicy } = service.spec;
  const before = old.spec.clusterIPs ?? [];
  const changed = (i: number) => invalidValue(`${ADDRESSES}[${i}]`, service.spec.clusterIPs ?? null, MAY_NOT_CHANGE);
  if (before.length === clusterIPs.length) {
    return before.flatMap((address, i) => (address === clusterIPs[i] ? [] : changed(i)));
  }
  const errors: FieldError[] = [];
  if (before.length > 0 && clusterIPs.length === 0) {
    errors.push(invalidValue(`${ADDRESSES}[0]`, service.spec.clusterIPs ?? null, "primary clusterIP can not be unset"));
  }
  if (before.length > 0 && clusterIPs.length > 0 && clusterIPs[0] !== before[0]) errors.push(changed(0));
  if (before.length > 1 && clusterIPs.length === 1 && ipFamilyPolicy !== "SingleStack") {
    const text = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(invalidValue(POLICY, ipFamilyPolicy ?? null, text));
  }
  return errors;
}

function validateFamilyChange(service: Service, old: Service): FieldError[] {
  if (isHeadless(service) || isHeadless(old)) return [];
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = service.spec;
  const before = old.spec.ipFamilies ?? [];
  const path = `${FAMILIES}[0]`;
  if (before.length === ipFamilies.length) {
    return before.flatMap((family, i) =>
      family === ipFamilies[i] ? [] : invalidValue(path, ipFamilies, MAY_NOT_CHANGE),
    );
  }
  const errors: FieldError[] = [];
  const isReleased = before.length > ipFamilies.length;
  if (isReleased && clusterIPs.length === 0) {
    errors.push(invalidValue(path, service.spec.ipFamilies ?? null, "primary ipFamily can not be unset"));
  }
  if (before.length > 0 && ipFamilies.length > 0 && ipFamilies[0] !== before[0]) {
    errors.push(invalidValue(path, service.spec.clusterIPs ?? null, MAY_NOT_CHANGE));
  }
  if (isReleased && ipFamilies.length === 1 && ipFamilyPolicy !== "SingleStack") {
    const text = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    errors.push(invalidValue(POLICY, ipFamilyPolicy ?? null, text));
  }
  return errors;
}
