import { type Random, seededRandom } from "@atoll/base/random";

/** Each input has its own, so that one can be sent again without those before it. */
export function inputRandom(seed: number, target: string, index: number): Random {
  let state = seed >>> 0;
  for (const byte of Buffer.from(`${target} ${index}`)) state = Math.imul(state ^ byte, 0x0100_0193) >>> 0;
  return seededRandom(state);
}
