// What a pod's status says of the claims to devices that were made for it.

import { ownValue } from "@atoll/base/own-value";
import type { ContainerExtendedResourceRequest, Pod, PodResourceClaimStatus } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, invalidValue, required } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

export function validateClaimStatuses({ spec, status }: Pod): FieldError[] {
  const names = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  const seen = new Set<string>();
  const list: readonly Partial<PodResourceClaimStatus>[] = status?.resourceClaimStatuses ?? [];
  return list.flatMap(({ name = "", resourceClaimName: claim }, i) => {
    const path = `status.resourceClaimStatuses[${i}]`;
    const errors: FieldError[] = [];
    if (!names.has(name)) {
      errors.push(invalidValue(`${path}.name`, name, "must match the name of an entry in `spec.resourceClaims`"));
    }
    if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
    if (claim === undefined) return errors;
    return [...errors, ...invalidTexts(`${path}.resourceClaimName`, claim, checkDns1123Subdomain(claim))];
  });
}

/** Of the one claim that stands for all extended resources of the pod. */
export function validateExtendedClaim({ spec, status }: Pod): FieldError[] {
  const claim = status?.extendedResourceClaimStatus;
  if (!claim) return [];
  const path = "status.extendedResourceClaimStatus";
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const mappings: readonly Partial<ContainerExtendedResourceRequest>[] = claim.requestMappings ?? [];
  const errors: FieldError[] = [];
  if (mappings.length === 0)
    errors.push(required(`${path}.requestMappings`, "at least one request mapping is required"));
  const seen = new Set<string>();
  for (const [i, { containerName = "", resourceName = "", requestName = "" }] of mappings.entries()) {
    const field = `${path}.requestMappings[${i}]`;
    const container = containers.findLast(({ name }) => name === containerName);
    const places = "spec.initContainers.name or spec.containers.name";
    if (!container) {
      const text = `must match the name of an entry in ${places}`;
      errors.push(invalidValue(`${field}.containerName`, containerName, text));
    } else if (ownValue(container.resources?.requests, resourceName) === undefined) {
      const lists = "spec.initContainers.resources.requests or spec.containers.resources.requests";
      const text = `must match the extended resource name of an entry in ${lists}`;
      errors.push(invalidValue(`${field}.resourceName`, resourceName, text));
    }
    errors.push(...invalidTexts(`${path}.requestName`, requestName, checkDns1123Label(requestName)));
    const identity = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(identity)) {
      const values = Object.entries({ containerName, resourceName, requestName });
      errors.push(...values.map(([name, value]) => duplicate(`${field}.${name}`, value)));
    }
    seen.add(identity);
  }
  const name = claim.resourceClaimName ?? "";
  if (name === "") return [...errors, required(`${path}.resourceClaimName`)];
  return [...errors, ...invalidTexts(`${path}.resourceClaimName`, name, checkDns1123Subdomain(name))];
}
