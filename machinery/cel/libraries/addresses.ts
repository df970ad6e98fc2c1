// Addresses and networks: cidr("10.0.0.0/8").containsIP("10.1.2.3").

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { compareBytes } from "../values/bytes.ts";
import { CelError, type CelValue, Opaque } from "../values/values.ts";
import { formatAddress, parseAddress } from "./address-text.ts";

export class Ip extends Opaque {
  readonly typeName = "net.IP";
  /** 4 or 16. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  override get size(): number {
    return this.bytes.length;
  }

  equals(other: Opaque): boolean {
    return other instanceof Ip && compareBytes(this.bytes, other.bytes) === 0;
  }
}

export class Cidr extends Opaque {
  readonly typeName = "net.CIDR";
  readonly bytes: Uint8Array;
  readonly prefix: number;

  constructor(bytes: Uint8Array, prefix: number) {
    super();
    this.bytes = bytes;
    this.prefix = prefix;
  }

  override get size(): number {
    return Math.ceil(this.prefix / 8);
  }

  equals(other: Opaque): boolean {
    return other instanceof Cidr && this.prefix === other.prefix && compareBytes(this.bytes, other.bytes) === 0;
  }
}

export const ADDRESSES: readonly FunctionDeclaration[] = [
  declare("ip", [
    overload("(string) -> net.IP", "string_to_ip", readIp),
    overload("net.CIDR.() -> net.IP", "cidr_ip", ({ bytes }: Cidr) => new Ip(bytes)),
  ]),
  declare("isIP", [overload("(string) -> bool", "is_ip", (text: string) => readIp(text) instanceof Ip)]),
  declare("ip.isCanonical", [
    overload("(string) -> bool", "ip_is_canonical", (text: string): CelValue => {
      const address = readIp(text);
      return address instanceof Ip ? formatAddress(address.bytes) === text : address;
    }),
  ]),
  declare("family", [overload("net.IP.() -> int", "ip_family", ({ bytes }: Ip) => (bytes.length === 4 ? 4n : 6n))]),
  declare("isUnspecified", [
    overload("net.IP.() -> bool", "ip_is_unspecified", ({ bytes }: Ip) => bytes.every((byte) => byte === 0)),
  ]),
  declare("isLoopback", [overload("net.IP.() -> bool", "ip_is_loopback", ({ bytes }: Ip) => isLoopback(bytes))]),
  declare("isLinkLocalMulticast", [
    overload("net.IP.() -> bool", "ip_is_link_local_multicast", ({ bytes: [a = 0, b = 0, c = 0], size }: Ip) => {
      return size === 4 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 0x02;
    }),
  ]),
  declare("isLinkLocalUnicast", [
    overload("net.IP.() -> bool", "ip_is_link_local_unicast", ({ bytes }: Ip) => isLinkLocalUnicast(bytes)),
  ]),
  declare("isGlobalUnicast", [
    overload("net.IP.() -> bool", "ip_is_global_unicast", ({ bytes }: Ip) => isGlobalUnicast(bytes)),
  ]),
  declare("string", [
    overload("(net.IP) -> string", "ip_to_string", ({ bytes }: Ip) => formatAddress(bytes)),
    overload(
      "(net.CIDR) -> string",
      "cidr_to_string",
      ({ bytes, prefix }: Cidr) => `${formatAddress(bytes)}/${prefix}`,
    ),
  ]),
  declare("cidr", [
    overload("(string) -> net.CIDR", "string_to_cidr", (text: string) => {
      const network = readCidr(text);
      if (network instanceof Cidr) return network;
      return new CelError(`network address parse error during conversion from string: ${network.message}`);
    }),
  ]),
  declare("isCIDR", [overload("(string) -> bool", "is_cidr", (text: string) => readCidr(text) instanceof Cidr)]),
  declare("containsIP", [
    overload("net.CIDR.(string) -> bool", "cidr_contains_ip_string", (network: Cidr, text: string): CelValue => {
      const address = readIp(text);
      // Upstream forgets what was wrong with the text.
      return address instanceof Ip ? holds(network, address.bytes) : new CelError("no such overload");
    }),
    overload("net.CIDR.(net.IP) -> bool", "cidr_contains_ip_ip", (network: Cidr, { bytes }: Ip) =>
      holds(network, bytes),
    ),
  ]),
  declare("containsCIDR", [
    overload("net.CIDR.(string) -> bool", "cidr_contains_cidr_string", (network: Cidr, text: string): CelValue => {
      const inner = readCidr(text);
      if (inner instanceof Cidr) return holdsNetwork(network, inner);
      return new CelError(`network address parse error during conversion from string: ${inner.message}`);
    }),
    overload("net.CIDR.(net.CIDR) -> bool", "cidr_contains_cidr", holdsNetwork),
  ]),
  declare("prefixLength", [overload("net.CIDR.() -> int", "cidr_prefix_length", ({ prefix }: Cidr) => BigInt(prefix))]),
  declare("masked", [
    overload(
      "net.CIDR.() -> net.CIDR",
      "cidr_masked",
      ({ bytes, prefix }: Cidr) => new Cidr(mask(bytes, prefix), prefix),
    ),
  ]),
];

function readIp(text: string): Ip | CelError {
  const address = parseAddress(text);
  if (typeof address === "string") {
    return new CelError(`IP Address ${JSON.stringify(text)} parse error during conversion from string: ${address}`);
  }
  if (address.zone !== "") return new CelError(`IP address ${JSON.stringify(text)} with zone value is not allowed`);
  if (isMapped(address.bytes)) return new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  return new Ip(address.bytes);
}

function readCidr(text: string): Cidr | CelError {
  const refuse = (why: string) =>
    new CelError(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): ${why}`,
    );
  const slash = text.lastIndexOf("/");
  if (slash < 0) return refuse("no '/'");
  const address = parseAddress(text.slice(0, slash));
  if (typeof address === "string") return refuse(address);
  if (address.zone !== "") return refuse("IPv6 zones cannot be present in a prefix");
  const length = text.slice(slash + 1);
  const shown = JSON.stringify(length);
  if (length.length > 1 && !/^[1-9]/.test(length)) return refuse(`bad bits after slash: ${shown}`);
  if (!/^\d+$/.test(length)) return refuse(`bad bits after slash: ${shown}`);
  if (Number(length) > address.bytes.length * 8) return refuse("prefix length out of range");
  if (isMapped(address.bytes)) return new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  return new Cidr(address.bytes, Number(length));
}

function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  );
}

function isLoopback(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
}

function isLinkLocalUnicast([a = 0, b = 0]: Uint8Array): boolean {
  return (a === 169 && b === 254) || (a === 0xfe && (b & 0xc0) === 0x80);
}

function isGlobalUnicast(bytes: Uint8Array): boolean {
  const isUnspecified = bytes.every((byte) => byte === 0);
  const isBroadcast = bytes.length === 4 && bytes.every((byte) => byte === 255);
  const isMulticast = bytes.length === 4 ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
  return !isUnspecified && !isBroadcast && !isMulticast && !isLoopback(bytes) && !isLinkLocalUnicast(bytes);
}

function mask(bytes: Uint8Array, prefix: number): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff << (8 - kept));
  });
}

function holds({ bytes, prefix }: Cidr, address: Uint8Array): boolean {
  return address.length === bytes.length && compareBytes(mask(address, prefix), mask(bytes, prefix)) === 0;
}

function holdsNetwork(network: Cidr, inner: Cidr): boolean {
  return network.prefix <= inner.prefix && holds(network, inner.bytes);
}
