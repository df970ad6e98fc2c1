// A block of addresses as numbers: which of them may be given to services, and in which order they are.

import { type AddressFamily, addressFamily, blockFamily, canonicalAddress } from "@atoll/api/meta/addresses";
import { assert } from "@atoll/base/errors";
import type { Random } from "@atoll/base/random";
import { type Bands, type ReservedShare, reservedOf, searchOrder } from "./number-bands.ts";

/** Upstream's numbers: clusters that move between the two find the same addresses kept free. */
const RESERVED: ReservedShare = { least: 16, most: 256, oneIn: 16 };
/** Larger blocks give nothing, as upstream: their addresses cannot be counted in its numbers. */
const SIZE_BITS_MAX = 64;

export class AddressRange {
  readonly cidr: string;
  readonly family: AddressFamily;
  /** The first that is given out; the block's own address is not. */
  readonly #first: bigint;
  readonly #bands: Bands;

  constructor(cidr: string) {
    const family = blockFamily(cidr);
    assert(family, `"${cidr}" is no block of addresses`);
    const [address = "", length = ""] = cidr.split("/");
    this.cidr = cidr;
    this.family = family;
    this.#first = numberOfAddress(address) + 1n;
    const bits = (family === "IPv4" ? 32 : 128) - Number(length);
    const total = bits > SIZE_BITS_MAX ? 0n : 1n << BigInt(bits);
    // Neither the block's own address nor, of IPv4, the one that means all.
    const size = total - (family === "IPv4" ? 2n : 1n);
    this.#bands = { size: size < 0n ? 0n : size, reserved: reservedOf(total, RESERVED) };
  }

  /** The address that is the server's own. */
  get firstAddress(): string {
    return addressOfNumber(this.#first, this.family);
  }

  /** Whether the block has the address, one that is not given out included. */
  covers(address: string): boolean {
    const offset = this.#offsetOf(address);
    return offset !== undefined && offset >= -1n && offset <= this.#bands.size + (this.family === "IPv4" ? 0n : -1n);
  }

  /** Whether the address may be given out. */
  has(address: string): boolean {
    const offset = this.#offsetOf(address);
    return offset !== undefined && offset >= 0n && offset < this.#bands.size;
  }

  /** All addresses, in the order in which a free one is looked for. */
  *searchOrder(random: Random): Generator<string> {
    for (const offset of searchOrder(this.#bands, random)) yield addressOfNumber(this.#first + offset, this.family);
  }

  #offsetOf(address: string): bigint | undefined {
    return addressFamily(address) === this.family ? numberOfAddress(address) - this.#first : undefined;
  }
}

function numberOfAddress(address: string): bigint {
  if (addressFamily(address) === "IPv4") {
    return address.split(".").reduce((number, octet) => (number << 8n) | BigInt(octet), 0n);
  }
  const [head = "", tail] = canonicalAddress(address).split("::");
  const groupsOf = (text: string) => (text === "" ? [] : text.split(":"));
  const front = groupsOf(head);
  const back = groupsOf(tail ?? "");
  const middle = tail === undefined ? [] : new Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...middle, ...back].reduce((number, group) => (number << 16n) | BigInt(`0x${group}`), 0n);
}

function addressOfNumber(number: bigint, family: AddressFamily): string {
  const partsOf = (count: number, bits: bigint) =>
    Array.from({ length: count }, (_, i) => (number >> (BigInt(count - 1 - i) * bits)) & ((1n << bits) - 1n));
  if (family === "IPv4") return partsOf(4, 8n).join(".");
  return canonicalAddress(
    partsOf(8, 16n)
      .map((group) => group.toString(16))
      .join(":"),
  );
}
