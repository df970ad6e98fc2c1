// What every maker of a store must do, as tests. A maker's own test file calls `testStore` (and `testStoreModel`, which
// looks for what nobody thought of) and adds what is its own.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { testLeases } from "./leases-suite.ts";
import { testReads } from "./reads-suite.ts";
import { describeEvents, encode, EVERYTHING, get, neverAborts, put, readUntil, write } from "./store-calls.ts";
import type { StoreMaker, StoreMedium, TestOpen } from "./store-medium.ts";
import { testWatches } from "./watches-suite.ts";
import { testWrites } from "./writes-suite.ts";

export function testStore(name: string, make: StoreMaker): void {
  const testOpen: TestOpen = (sentence, run) =>
    test(sentence, async () => {
      await using medium = await make();
      const clock = new VirtualClock();
      await using store = await medium.open(clock);
      await run(store, clock, medium);
    });

  suite(`${name} store`, () => {
    suite("writes", () => testWrites(testOpen));
    suite("reads", () => testReads(testOpen));
    suite("watches", () => testWatches(testOpen));
    suite("leases", () => testLeases(testOpen));
  });
}

/** For makers whose data outlives the process. */
export function testReopening(name: string, make: StoreMaker): void {
  test(`${name} store keeps what was acknowledged when it is opened again`, async () => {
    await using medium = await make();
    await reopen(medium);
  });
}

async function reopen(medium: StoreMedium): Promise<void> {
  const clock = new VirtualClock();
  const ttlSeconds = medium.isServer ? 2 : 10;
  let lease: number;
  {
    await using store = await medium.open(clock);
    lease = (await store.grantLease(ttlSeconds)).id;
    await write(store, put("c", "1"));
    await write(store, put("a", "1", lease), put("b", "1"));
    await write(store, put("b", "2"));
    await store.compact(3);
  }
  await clock.advance(60_000);
  await using store = await medium.open(clock);
  assert.equal(await store.currentRevision(), 4);
  assert.deepEqual((await get(store, "b", 3))?.value, encode("1"));
  await assert.rejects(store.range(EVERYTHING, { revision: 2 }), { code: "Compacted" });
  const events = await readUntil(store.watch(EVERYTHING, { fromRevision: 3 }, neverAborts()), 4);
  assert.deepEqual(describeEvents(events), ["put a=1 @3", "put b=1 @3", "put b=2 @4"]);
  await clock.advance(ttlSeconds * 1000 - 1);
  assert.equal((await get(store, "a"))?.lease, lease);
  const expiry = readUntil(store.watch(EVERYTHING, {}, neverAborts()), 5);
  await clock.advance(1);
  assert.deepEqual(describeEvents(await expiry), ["delete a @5"]);
  assert.notEqual((await store.grantLease(10)).id, lease);
}
