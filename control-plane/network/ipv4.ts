// IPv4 networks as numbers. Pure; a text that is no network gives undefined.

export interface Ipv4Network {
  readonly base: number;
  readonly prefixLength: number;
}

export function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** "10.244.0.0/16"; bits beyond the prefix must be 0. */
export function parseNetwork(text: string): Ipv4Network | undefined {
  const [addressText = "", prefixText = "", ...more] = text.split("/");
  const base = parseIpv4(addressText);
  const prefixLength = Number(prefixText);
  if (base === undefined || more.length > 0 || !/^\d{1,2}$/.test(prefixText) || prefixLength > 32) return undefined;
  return base % sizeOf(prefixLength) === 0 ? { base, prefixLength } : undefined;
}

export function formatNetwork({ base, prefixLength }: Ipv4Network): string {
  return `${formatIpv4(base)}/${prefixLength}`;
}

/** Addresses in a network of this prefix length. */
export function sizeOf(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}

export function contains(network: Ipv4Network, address: number): boolean {
  return address >= network.base && address < network.base + sizeOf(network.prefixLength);
}
