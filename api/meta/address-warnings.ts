import { addressFamily, blockFamily, canonicalAddress, canonicalBlock } from "./addresses.ts";

/** What the author of an address is told that can be written in a better way. */
export function warningsOfAddress(field: string, address: string): string[] {
  const canonical = canonicalAddress(address);
  if (addressFamily(address) !== "IPv6" || canonical === address) return [];
  return [`${field}: IPv6 address "${address}" should be in RFC 5952 canonical format ("${canonical}")`];
}

/** As `warningsOfAddress`, of a block. */
export function warningsOfBlock(field: string, block: string): string[] {
  const canonical = canonicalBlock(block);
  if (blockFamily(block) !== "IPv6" || canonical === block) return [];
  return [`${field}: IPv6 CIDR value "${block}" should be in RFC 5952 canonical format ("${canonical}")`];
}
