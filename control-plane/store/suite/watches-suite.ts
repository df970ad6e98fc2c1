// What watches must do, by every maker of a store.

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describeEvents, EVERYTHING, neverAborts, prefix, put, readUntil, remove, write } from "./store-calls.ts";
import type { TestOpen } from "./store-medium.ts";

export function testWatches(testOpen: TestOpen): void {
  testOpen("start with the next write when told nothing else", async (store) => {
    await write(store, put("a", "1"));
    const watch = store.watch(EVERYTHING, {}, neverAborts());
    await write(store, put("a", "2"));
    await write(store, put("a", "3"));
    assert.deepEqual(describeEvents(await readUntil(watch, 4)), ["put a=2 @3", "put a=3 @4"]);
  });

  testOpen("go from history to live without gap or repeat", async (store) => {
    for (let count = 0; count < 20; count++) await write(store, put("a", `${count}`));
    const read = readUntil(store.watch(EVERYTHING, { fromRevision: 10 }, neverAborts()), 61);
    await Promise.all(Array.from({ length: 40 }, (_, count) => write(store, put("a", `${count + 20}`))));
    assert.deepEqual(
      (await read).map(({ revision }) => revision),
      Array.from({ length: 52 }, (_, index) => index + 10),
    );
  });

  testOpen("wait for a revision that has not happened yet", async (store) => {
    const read = readUntil(store.watch(EVERYTHING, { fromRevision: 4 }, neverAborts()), 4);
    for (const value of ["1", "2", "3"]) await write(store, put("a", value));
    assert.deepEqual(describeEvents(await read), ["put a=3 @4"]);
  });

  testOpen("start before the first write of an empty store", async (store) => {
    assert.deepEqual(await readUntil(store.watch(EVERYTHING, { fromRevision: 1 }, neverAborts()), 1), []);
  });

  testOpen("say how often a key was written since it was made, also for a deletion", async (store) => {
    await write(store, put("a", "1"));
    await write(store, put("a", "2"));
    await write(store, remove("a"));
    await write(store, put("a", "3"));
    const events = await readUntil(store.watch(EVERYTHING, { fromRevision: 2 }, neverAborts()), 5);
    assert.deepEqual(describeEvents(events), ["put a=1 @2", "put a=2 @3", "delete a @4", "put a=3 @5"]);
    assert.deepEqual(
      events.map(({ createRevision, version }) => [createRevision, version]),
      [
        [2, 1],
        [2, 2],
        [2, 0],
        [5, 1],
      ],
    );
  });

  testOpen("deliver their range only, and say how far the store is otherwise", async (store) => {
    const one = readUntil(store.watch({ start: "b/1" }, {}, neverAborts()), 3);
    const some = readUntil(store.watch(prefix("b/"), {}, neverAborts()), 3);
    const none = readUntil(store.watch(prefix("d/"), {}, neverAborts()), 3);
    await write(store, put("a/1"), put("b/1"), put("b/2"), put("c/1"));
    await write(store, put("c/2"));
    const [oneRead, someRead, noneRead] = await Promise.all([one, some, none]);
    assert.deepEqual(describeEvents(oneRead), ["put b/1=value @2"]);
    assert.deepEqual(describeEvents(someRead), ["put b/1=value @2", "put b/2=value @2"]);
    assert.deepEqual(noneRead, []);
  });

  testOpen("never split a revision over two batches", async (store) => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    await Promise.all(Array.from({ length: 45 }, () => write(store, ...keys.map((key) => put(key)))));
    let seen = 0;
    let last = 1;
    for await (const batch of store.watch(EVERYTHING, { fromRevision: 1 }, neverAborts())) {
      assert(batch.events.every(({ revision }) => revision > last && revision <= batch.revision));
      assert.equal(batch.events.length % 100, 0);
      seen += batch.events.length;
      last = batch.revision;
      if (last === 46) break;
    }
    assert.equal(seen, 4500);
  });

  testOpen("find their backlog in history however late they read", async (store, _clock, { isServer }) => {
    const watch = store.watch(prefix("a"), {}, neverAborts());
    for (let round = 0; round < 60; round++) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => write(store, put(index === 0 ? "a" : "b", `${round}`))),
      );
    }
    const events = await readUntil(watch, 6001);
    // One in each round, the first where the order of concurrent writes is that of their calls.
    const firstOfRound = (revision: number) => revision - ((revision - 2) % 100);
    assert.deepEqual(
      events.map(({ revision }) => (isServer ? firstOfRound(revision) : revision)),
      Array.from({ length: 60 }, (_, round) => 2 + round * 100),
    );
  });

  testOpen("are refused what is forgotten, at the start and later", async (store) => {
    for (const value of ["1", "2", "3"]) await write(store, put("a", value));
    await write(store, remove("a"));
    const late = store.watch(EVERYTHING, { fromRevision: 2 }, neverAborts());
    await store.compact(5);
    await assert.rejects(readUntil(late, 5), { code: "Compacted" });
    await assert.rejects(readUntil(store.watch(EVERYTHING, { fromRevision: 4 }, neverAborts()), 5), {
      code: "Compacted",
    });
    const [event] = await readUntil(store.watch(EVERYTHING, { fromRevision: 5 }, neverAborts()), 5);
    assert.deepEqual([event?.type, event?.key, event?.revision], ["delete", "a", 5]);
  });

  testOpen("end quietly when aborted, and with an error when the store closes", async (store) => {
    const aborter = new AbortController();
    const aborted = readUntil(store.watch(EVERYTHING, {}, aborter.signal), 100);
    const closed = readUntil(store.watch(EVERYTHING, {}, neverAborts()), 100);
    await nextTurn();
    aborter.abort();
    assert.deepEqual(await aborted, []);
    const rejected = assert.rejects(closed, { code: "Closed" });
    await store[Symbol.asyncDispose]();
    await rejected;
  });
}
