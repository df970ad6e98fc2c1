// Seeds for the property tests: new ones in every run, or the one that STORE_SEED names, to see a failure again:
// `STORE_SEED=1234 node --test control-plane/store/sqlite/sqlite-store.test.ts`. For tests only.

import process from "node:process";

export function testSeeds(count: number): number[] {
  const named = process.env.STORE_SEED;
  if (named !== undefined) return [Number(named)];
  return Array.from(crypto.getRandomValues(new Uint32Array(count)));
}
