// Where pods reach the API server, when the configuration does not say it.

import type { NetworkInterfaceInfo } from "node:os";
import type { SupervisorConfiguration } from "@atoll/api/config/supervisor";
import { addressFamily, checkEndpointAddress } from "@atoll/api/meta/addresses";

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The address that the server listens on, or the machine's first that others can reach, IPv4 before IPv6. Undefined: the
 * machine has none, and the service "kubernetes" gets no endpoints.
 */
export function advertisedAddress(
  { advertiseAddress, address }: SupervisorConfiguration["api"],
  interfaces: Interfaces,
): string | undefined {
  if (advertiseAddress) return advertiseAddress;
  const candidates = Object.values(interfaces).flatMap((list) => list?.map((entry) => entry.address) ?? []);
  const families = ["IPv4", "IPv6"];
  const ordered = families.flatMap((family) => candidates.filter((candidate) => addressFamily(candidate) === family));
  return [address, ...ordered].find((candidate) => checkEndpointAddress(candidate).length === 0);
}
