// How the records of service addresses look: IPAddress objects that the API server writes with each service. Pure.

import type { Service } from "@atoll/api/core/service/kind";
import { addressFamily, canonicalAddress } from "@atoll/api/meta/addresses";
import type { IPAddress } from "@atoll/api/networking/ip-address/kind";
import type { ObjectName } from "@atoll/machinery/client/client";

const MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by";
const MANAGED_BY = "ipallocator.k8s.io";
const FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family";

/** Whether the record is one of the API server's, and no other controller's. */
export function isServiceAddress({ metadata }: IPAddress): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
}

/** The block of this one address. */
export function blockOfAddress({ metadata: { name = "" } }: IPAddress): string {
  return `${name}/${addressFamily(name) === "IPv6" ? 128 : 32}`;
}

export function recordOf(address: string, { metadata }: Service): IPAddress {
  const name = canonicalAddress(address);
  return {
    metadata: { name, labels: { [FAMILY_LABEL]: addressFamily(name) ?? "", [MANAGED_BY_LABEL]: MANAGED_BY } },
    spec: {
      parentRef: { group: "", resource: "services", namespace: metadata.namespace ?? "", name: metadata.name ?? "" },
    },
  };
}

/** The service that the record gives the address to. Undefined: it is for something else. */
export function serviceOf({ spec }: IPAddress): ObjectName | undefined {
  const { group = "", resource, namespace, name } = spec.parentRef ?? {};
  return group === "" && resource === "services" && name ? { name, namespace } : undefined;
}

/** The service's addresses as records are named by; none where it is headless or another name. */
export function addressesOfService({ spec }: Service): readonly string[] {
  if (spec.type === "ExternalName") return [];
  return (spec.clusterIPs ?? []).filter((address) => addressFamily(address)).map(canonicalAddress);
}
