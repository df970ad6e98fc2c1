// The order in which free numbers of a range are looked for: at random, so that two who look at once rarely meet and a number
// is not given out again right away; first in the upper part of the range, so that the lower is left to those who ask for a
// number of their own.

import type { Random } from "@atoll/base/random";

/** `size` numbers from 0; those below `reserved` are given out last. */
export interface Bands {
  readonly size: bigint;
  readonly reserved: bigint;
}

export interface ReservedShare {
  readonly least: number;
  readonly most: number;
  /** One in so many, between the two. */
  readonly oneIn: number;
}

/** A small range has nothing to spare. */
export function reservedOf(size: bigint, { least, most, oneIn }: ReservedShare): bigint {
  if (size <= BigInt(least)) return 0n;
  const share = size / BigInt(oneIn);
  if (share < BigInt(least)) return BigInt(least);
  return share > BigInt(most) ? BigInt(most) : share;
}

/** Every number once. */
export function* searchOrder({ size, reserved }: Bands, random: Random): Generator<bigint> {
  yield* rotated(reserved, size, random);
  yield* rotated(0n, reserved, random);
}

function* rotated(from: bigint, to: bigint, random: Random): Generator<bigint> {
  const count = to - from;
  if (count <= 0n) return;
  const start = randomBelow(count, random);
  for (let i = 0n; i < count; i++) yield from + ((start + i) % count);
}

/** Near enough to even for a place to start looking. */
function randomBelow(limit: bigint, random: Random): bigint {
  let value = 0n;
  for (const byte of random.bytes(8)) value = (value << 8n) | BigInt(byte);
  return value % limit;
}
