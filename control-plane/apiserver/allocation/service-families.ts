// Which address families a service gets, from what its author wrote, what it had and what the cluster has.

import type { Service } from "@atoll/api/core/service/kind";
import { validateServiceAddresses } from "@atoll/api/core/service/addresses-validation";
import { HEADLESS, isExternalName } from "@atoll/api/core/service/traits";
import type { FieldError } from "@atoll/api/kind";
import { type AddressFamily, addressFamily } from "@atoll/api/meta/addresses";
import { invalidValue, isEqualJson } from "@atoll/api/meta/field-error";

const POLICY = "spec.ipFamilyPolicy";

/**
 * Fills in `ipFamilyPolicy` and `ipFamilies`, in place. `configured` are the families that services can have in this cluster,
 * the usual one first. Answers with what cannot be; the service is then to be refused.
 */
export function settleFamilies(
  service: Service,
  old: Service | undefined,
  configured: readonly AddressFamily[],
): FieldError[] {
  if (isExternalName(service) || (old && keepsPreference(service, old))) return [];
  const { spec } = service;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (isBare(service) ? "RequireDualStack" : "SingleStack");
  const errors = validateServiceAddresses(service, old);
  if (errors.length > 0) return errors;
  if (old) errors.push(...settleReduction(service, old));
  errors.push(...checkPolicy(service), ...inferFamilies(service, configured));
  if (errors.length > 0) return errors;
  const families = spec.ipFamilies ?? [];
  const usual = configured[0] ?? "IPv4";
  if (isBare(service)) {
    // Its endpoints are its author's business, of whatever family.
    spec.ipFamilies = completed(families.length > 0 ? families : [usual], spec.ipFamilyPolicy);
    return [];
  }
  if (spec.ipFamilyPolicy === "RequireDualStack" && configured.length < 2) {
    errors.push(invalidValue(POLICY, spec.ipFamilyPolicy, "this cluster is not configured for dual-stack services"));
  }
  for (const [i, family] of families.entries()) {
    if (configured.some((known) => known === family)) continue;
    errors.push(invalidValue(`spec.ipFamilies[${i}]`, family, "not configured on this cluster"));
  }
  if (errors.length > 0) return errors;
  const chosen = families.length > 0 ? families : [usual];
  spec.ipFamilies = configured.length === 2 ? completed(chosen, spec.ipFamilyPolicy) : [...chosen];
  return [];
}

/** Headless, and nobody's pods: the author writes the endpoints. */
function isBare({ spec }: Service): boolean {
  return spec.clusterIP === HEADLESS && Object.keys(spec.selector ?? {}).length === 0;
}

function completed(families: readonly string[], policy: string): string[] {
  if (policy === "SingleStack" || families.length !== 1) return [...families];
  return [...families, families[0] === "IPv4" ? "IPv6" : "IPv4"];
}

/** A cluster that gains or loses a family does not change services that only prefer to have both. */
function keepsPreference({ spec }: Service, { spec: old }: Service): boolean {
  return (
    spec.type === old.type &&
    spec.ipFamilyPolicy === "PreferDualStack" &&
    (old.ipFamilyPolicy ?? "PreferDualStack") === "PreferDualStack" &&
    isEqualJson(spec.clusterIPs ?? [], old.clusterIPs ?? []) &&
    isEqualJson(spec.ipFamilies ?? [], old.ipFamilies ?? [])
  );
}

/** Going back to one family is said by the policy alone; the second address goes with it. */
function settleReduction({ spec }: Service, { spec: old }: Service): FieldError[] {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (ipFamilyPolicy === "SingleStack") {
    if (isEqualJson(clusterIPs, old.clusterIPs ?? []) && clusterIPs.length > 1)
      spec.clusterIPs = clusterIPs.slice(0, 1);
    if (isEqualJson(ipFamilies, old.ipFamilies ?? []) && ipFamilies.length > 1)
      spec.ipFamilies = ipFamilies.slice(0, 1);
    return [];
  }
  const isReduced = (now: readonly string[], before: readonly string[] = []) =>
    now.length > 0 && now.length < before.length;
  const refuse = (what: string) =>
    invalidValue(POLICY, ipFamilyPolicy ?? null, `must be 'SingleStack' to release the secondary ${what}`);
  return [
    ...(isReduced(clusterIPs, old.clusterIPs) ? [refuse("cluster IP")] : []),
    ...(isReduced(ipFamilies, old.ipFamilies) ? [refuse("IP family")] : []),
  ];
}

function checkPolicy({ spec }: Service): FieldError[] {
  if (spec.ipFamilyPolicy !== "SingleStack") return [];
  const refuse = (what: string) =>
    invalidValue(
      POLICY,
      spec.ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    );
  return [
    ...(spec.clusterIPs?.length === 2 ? [refuse("cluster IPs")] : []),
    ...(spec.ipFamilies?.length === 2 ? [refuse("IP families")] : []),
  ];
}

/** An address says which family it is. */
function inferFamilies({ spec }: Service, configured: readonly AddressFamily[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === HEADLESS) break;
    if (spec.ipFamilies?.[i] !== undefined) continue;
    const family = addressFamily(address);
    if (family && configured.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    else {
      const text = `${family ?? "unknown"} is not configured on this cluster`;
      errors.push(invalidValue(`spec.clusterIPs[${i}]`, spec.clusterIPs, text));
    }
  }
  return errors;
}
