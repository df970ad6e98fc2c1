// What leases must do, by every maker of a store.

import assert from "node:assert/strict";
import { describeEvents, EVERYTHING, get, neverAborts, put, readUntil, remove, write } from "./store-calls.ts";
import type { TestOpen } from "./store-medium.ts";

export function testLeases(testOpen: TestOpen): void {
  testOpen("delete their keys when they expire, not before", async (store, clock, { isServer }) => {
    // Where a server's clock decides, the test waits for it.
    const { id, ttlSeconds } = await store.grantLease(isServer ? 1 : 10);
    await write(store, put("a", "1", id), put("b"));
    const watch = store.watch(EVERYTHING, {}, neverAborts());
    await clock.advance(ttlSeconds * 1000 - 1);
    assert.equal((await get(store, "a"))?.lease, id);
    await clock.advance(1);
    assert.deepEqual(describeEvents(await readUntil(watch, 3)), ["delete a @3"]);
    await assert.rejects(write(store, put("c", "1", id)), { code: "LeaseNotFound" });
    assert.equal(await get(store, "a"), undefined);
    assert.equal(clock.pendingTimers, 0);
  });

  testOpen("delete their keys when they are revoked", async (store, clock) => {
    const { id } = await store.grantLease(10);
    await write(store, put("b", "1", id), put("a", "1", id));
    await store.revokeLease(id);
    const events = await readUntil(store.watch(EVERYTHING, { fromRevision: 3 }, neverAborts()), 3);
    assert.deepEqual(describeEvents(events), ["delete a @3", "delete b @3"]);
    await assert.rejects(store.revokeLease(id), { code: "LeaseNotFound" });
    assert.equal(clock.pendingTimers, 0);
  });

  testOpen("let go of a key that is written without them", async (store) => {
    const { id } = await store.grantLease(10);
    await write(store, put("a", "1", id), put("b", "1", id));
    await write(store, put("a", "2"));
    await write(store, remove("b"));
    await write(store, put("b", "2"));
    await store.revokeLease(id);
    assert.equal((await store.range(EVERYTHING)).count, 2);
    assert.equal(await store.currentRevision(), 5);
  });

  testOpen("end over several revisions when they have many keys", async (store, _clock, { isServer }) => {
    const { id } = await store.grantLease(10);
    for (let round = 0; round < 3; round++) {
      await write(store, ...Array.from({ length: 100 }, (_, index) => put(`${round}/${index}`, "1", id)));
    }
    await store.revokeLease(id);
    assert.equal((await store.range(EVERYTHING)).count, 0);
    assert.equal(await store.currentRevision(), isServer ? 5 : 7);
  });

  testOpen("last between a second and a year", async (store) => {
    for (const ttl of [0, -1, 1.5, Number.NaN, 1e9]) await assert.rejects(store.grantLease(ttl), { code: "Invalid" });
  });
}
