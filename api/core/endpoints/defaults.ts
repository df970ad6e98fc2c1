import type { Endpoints } from "../../generated/types.ts";

/** Lists of nothing mean the same as none, and are not kept. */
export function applyEndpointsDefaults(endpoints: Endpoints): void {
  for (const subset of endpoints.subsets ?? []) {
    for (const port of subset.ports ?? []) {
      port.protocol ||= "TCP";
      if (!port.name) delete port.name;
    }
    for (const address of [...(subset.addresses ?? []), ...(subset.notReadyAddresses ?? [])]) {
      if (!address.hostname) delete address.hostname;
    }
    for (const list of ["addresses", "notReadyAddresses", "ports"] as const) {
      if (subset[list]?.length === 0) delete subset[list];
    }
  }
  if (endpoints.subsets?.length === 0) delete endpoints.subsets;
}
