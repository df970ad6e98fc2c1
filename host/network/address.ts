import { CodedError } from "@atoll/base/errors";

export class NetworkError extends CodedError<"InvalidAddress" | "NotConfigured" | "Refused"> {}

export interface Cidr {
  /** As a number, network bits only. */
  readonly network: number;
  readonly prefixLength: number;
}

/** An IPv4 address as a number. */
export function parseAddress(text: string): number {
  const parts = text.split(".");
  const numbers = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || numbers.some((part) => part > 255)) {
    throw new NetworkError("InvalidAddress", `"${text}" is not an IPv4 address`);
  }
  return numbers.reduce((address, part) => address * 256 + part, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function parseCidr(text: string): Cidr {
  const [address = "", length = ""] = text.split("/");
  const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : 33;
  if (prefixLength > 32) throw new NetworkError("InvalidAddress", `"${text}" is not an IPv4 network`);
  const size = 2 ** (32 - prefixLength);
  return { network: Math.floor(parseAddress(address) / size) * size, prefixLength };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.network)}/${cidr.prefixLength}`;
}

export function containsAddress(cidr: Cidr, address: number): boolean {
  return Math.floor(address / 2 ** (32 - cidr.prefixLength)) * 2 ** (32 - cidr.prefixLength) === cidr.network;
}
