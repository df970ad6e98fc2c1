// What every maker of a store must do, as tests. A maker's own test file calls `testStore` (and `testStoreModel`, which
// looks for what nobody thought of) and adds what is its own.

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite, test } from "node:test";
import type { Clock } from "@atoll/base/clock";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import {
  KEY_BYTES_MAX,
  type KeyRange,
  prefixEnd,
  type Store,
  type StoreErrorCode,
  type StoreEvent,
  TRANSACTION_OPERATIONS_MAX,
  VALUE_BYTES_MAX,
  type WatchBatch,
  type WriteOperation,
} from "./store.ts";

/** Where a maker keeps its data; gone when disposed. */
export interface StoreMedium extends AsyncDisposable {
  /** True when a store opened again has what was acknowledged before. */
  readonly persists: boolean;
  /** True when a server keeps the data: its clock ends leases, and it puts concurrent writes into an order of its own. */
  readonly isServer?: boolean;
  open(clock: Clock): Promise<Store>;
}

export type StoreMaker = () => Promise<StoreMedium>;

const EVERYTHING: KeyRange = { start: "", end: prefixEnd("") };

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function put(key: string, value = "value", lease = 0): WriteOperation {
  return { type: "put", key, value: encode(value), lease };
}

export function remove(key: string): WriteOperation {
  return { type: "delete", key };
}

/** Writes without conditions and returns the revision. */
export async function write(store: Store, ...writes: WriteOperation[]): Promise<number> {
  const result = await store.transact({ compares: [], writes });
  return result.revision;
}

/** Reads a watch until it has reached a revision. */
export async function readUntil(watch: AsyncIterable<WatchBatch>, revision: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  for await (const batch of watch) {
    events.push(...batch.events);
    if (batch.revision >= revision) break;
  }
  return events;
}

/** `put a=1 @2` for each event. */
export function describeEvents(events: readonly StoreEvent[]): string[] {
  return events.map(({ type, key, value, revision }) => {
    return `${type} ${key}${value ? `=${new TextDecoder().decode(value)}` : ""} @${revision}`;
  });
}

export function testStore(name: string, make: StoreMaker): void {
  /** A test with a store of its own and a clock that stands still. */
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

type TestOpen = (
  sentence: string,
  run: (store: Store, clock: VirtualClock, medium: StoreMedium) => Promise<void>,
) => void;

function testWrites(testOpen: TestOpen): void {
  testOpen("start at revision 1 and count one up per transaction", async (store) => {
    assert.equal(await store.currentRevision(), 1);
    assert.equal(await write(store, put("a"), put("b")), 2);
    assert.equal(await write(store, put("a")), 3);
    assert.equal(await store.currentRevision(), 3);
  });

  testOpen("number a key's life from its creation on", async (store) => {
    await write(store, put("a", "1"));
    await write(store, put("b"));
    await write(store, put("a", "2"));
    assert.partialDeepStrictEqual(await get(store, "a"), { createRevision: 2, modRevision: 4, version: 2, lease: 0 });
    await write(store, remove("a"));
    assert.equal(await get(store, "a"), undefined);
    await write(store, put("a", "3"));
    assert.partialDeepStrictEqual(await get(store, "a"), { createRevision: 6, modRevision: 6, version: 1 });
  });

  testOpen("leave the revision alone when they change nothing", async (store) => {
    assert.equal(await write(store, remove("a"), remove("b")), 1);
    assert.equal(await write(store), 1);
    assert.equal(await write(store, remove("a"), put("b")), 2);
  });

  testOpen("happen only when all compares hold", async (store) => {
    await write(store, put("a", "1"));
    const refused = await store.transact({
      compares: [
        { key: "a", modRevision: 2 },
        { key: "b", modRevision: 1 },
        { key: "c", modRevision: 0 },
      ],
      writes: [put("a", "2")],
    });
    assert(!refused.committed);
    assert.equal(refused.revision, 2);
    assert.deepEqual(
      refused.current.map((keyValue) => keyValue?.modRevision),
      [2, undefined, undefined],
    );
    assert.deepEqual(refused.current[0]?.value, encode("1"));
    const compares = [
      { key: "a", modRevision: 2 },
      { key: "b", modRevision: 0 },
    ];
    assert.deepEqual(await store.transact({ compares, writes: [put("b")] }), { committed: true, revision: 3 });
  });

  testOpen("let exactly one of many concurrent creators win", async (store, _clock, { isServer }) => {
    const compares = [{ key: "a", modRevision: 0 }];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.transact({ compares, writes: [put("a", `${index}`)] })),
    );
    const winner = isServer ? results.findIndex(({ committed }) => committed) : 0;
    assert.deepEqual(
      results.map(({ committed }) => committed),
      results.map((_, index) => index === winner),
    );
    assert.deepEqual((await get(store, "a"))?.value, encode(`${winner}`));
  });

  testOpen("are refused as a whole when a key or a size is not allowed", async (store) => {
    const long = "k".repeat(KEY_BYTES_MAX + 1);
    const large: WriteOperation = { type: "put", key: "b", value: new Uint8Array(VALUE_BYTES_MAX + 1) };
    const largest: WriteOperation[] = Array.from({ length: 6 }, (_, index) => ({
      type: "put",
      key: `k${index}`,
      value: new Uint8Array(VALUE_BYTES_MAX),
    }));
    const many = Array.from({ length: TRANSACTION_OPERATIONS_MAX + 1 }, (_, index) => put(`k${index}`));
    const cases: [StoreErrorCode, WriteOperation[]][] = [
      ["Invalid", [put("a"), put("a")]],
      ["Invalid", [put("a"), remove("a")]],
      ["Invalid", [put("a"), put("")]],
      ["Invalid", [put("a"), put("\ud800")]],
      ["Invalid", [put("a"), put("\u{10FFFF}a")]],
      ["TooLarge", [put("a"), put(long)]],
      ["TooLarge", [put("a"), large]],
      ["TooLarge", largest],
      ["TooLarge", many],
      ["LeaseNotFound", [put("a"), put("b", "value", 77)]],
    ];
    for (const [code, writes] of cases) await assert.rejects(write(store, ...writes), { code });
    assert.equal(await store.currentRevision(), 1);
    assert.equal((await store.range(EVERYTHING)).count, 0);
  });

  testOpen(
    "hold values up to their limit, as many operations as allowed, and keys of any characters",
    async (store) => {
      const value = new Uint8Array(VALUE_BYTES_MAX).fill(7);
      await store.transact({ compares: [], writes: [{ type: "put", key: "large", value }] });
      assert.deepEqual((await get(store, "large"))?.value, value);
      const many = Array.from({ length: TRANSACTION_OPERATIONS_MAX }, (_, index) => put(`many/${index}`));
      await write(store, ...many);
      assert.equal((await store.range(prefix("many/"))).count, TRANSACTION_OPERATIONS_MAX);
      const odd = ["a\0", "a\0b", " ", "é", "\uFFFD", "\u{1F600}", "k".repeat(KEY_BYTES_MAX), "%_'\""];
      await write(store, ...odd.map((key) => put(key, key)));
      for (const key of odd) assert.deepEqual((await get(store, key))?.value, encode(key));
    },
  );

  testOpen("tell an empty value from no value", async (store) => {
    await write(store, put("a", ""));
    assert.deepEqual((await get(store, "a"))?.value, new Uint8Array(0));
    const [event] = await readUntil(store.watch(EVERYTHING, { fromRevision: 1 }, neverAborts()), 2);
    assert.deepEqual([event?.type, event?.value], ["put", new Uint8Array(0)]);
  });

  testOpen("take their values at the call, so that the caller may reuse its buffer", async (store) => {
    const value = encode("before");
    const written = store.transact({ compares: [], writes: [{ type: "put", key: "a", value }] });
    value.fill(0);
    await written;
    assert.deepEqual((await get(store, "a"))?.value, encode("before"));
  });

  testOpen("are refused when the store is closed", async (store) => {
    await store[Symbol.asyncDispose]();
    await assert.rejects(write(store, put("a")), { code: "Closed" });
    await assert.rejects(store.range(EVERYTHING), { code: "Closed" });
    await assert.rejects(async () => store.currentRevision(), { code: "Closed" });
    assert.throws(() => store.watch(EVERYTHING, {}, neverAborts()), { code: "Closed" });
  });
}

function testReads(testOpen: TestOpen): void {
  testOpen("list keys in the order of their UTF-8 bytes", async (store) => {
    const keys = ["a", "a\0", "a/", "a/b", "ab", "z", "é", "\uD7FF", "\uE000", "\uFFFD", "\u{10000}", "\u{1F600}"];
    await write(store, ...keys.toReversed().map((key) => put(key)));
    const { items } = await store.range(EVERYTHING);
    assert.deepEqual(
      items.map(({ key }) => key),
      keys,
    );
  });

  testOpen("end a prefix where its keys end", async (store) => {
    await write(store, ...["p", "p/", "p/a", "p/\u{10FFFF}", "p0", "q"].map((key) => put(key)));
    const { items } = await store.range(prefix("p/"));
    assert.deepEqual(
      items.map(({ key }) => key),
      ["p/", "p/a", "p/\u{10FFFF}"],
    );
    assert.deepEqual(
      ["\uD7FF", "a\u{10FFFF}", "\u{10FFFF}", "\u{1F600}"].map((text) => prefixEnd(text)),
      ["\uE000", "b", prefixEnd(""), "\u{1F601}"],
    );
  });

  testOpen("page with a limit and count what is past it", async (store) => {
    await write(store, ...["a", "b", "c", "d"].map((key) => put(key)));
    const page = await store.range({ start: "a", end: "d" }, { limit: 2 });
    assert.partialDeepStrictEqual(page, { count: 3, more: true, revision: 2 });
    assert.deepEqual(
      page.items.map(({ key }) => key),
      ["a", "b"],
    );
    assert.partialDeepStrictEqual(await store.range({ start: "a", end: "d" }, { limit: 3 }), { count: 3, more: false });
    assert.deepEqual(await store.range({ start: "a", end: "d" }, { countOnly: true }), {
      items: [],
      count: 3,
      more: false,
      revision: 2,
    });
    assert.equal((await store.range({ start: "d", end: "a" })).count, 0);
  });

  testOpen("show the past at a revision until it is forgotten", async (store) => {
    await write(store, put("a", "1"), put("b", "1"));
    await write(store, put("a", "2"));
    await write(store, remove("b"));
    const at = async (revision: number) =>
      (await store.range(EVERYTHING, { revision })).items.map(
        ({ key, value }) => `${key}${new TextDecoder().decode(value)}`,
      );
    assert.deepEqual([await at(1), await at(2), await at(3), await at(4)], [[], ["a1", "b1"], ["a2", "b1"], ["a2"]]);
    await assert.rejects(at(5), { code: "FutureRevision" });
    await assert.rejects(at(0), { code: "Invalid" });
    assert.equal((await get(store, "b", 3))?.modRevision, 2);
    assert.equal(await get(store, "b", 4), undefined);
    await assert.rejects(store.compact(5), { code: "FutureRevision" });
    await store.compact(3);
    await store.compact(2);
    await assert.rejects(at(2), { code: "Compacted" });
    assert.deepEqual([await at(3), await at(4)], [["a2", "b1"], ["a2"]]);
  });

  testOpen("keep what is current when all history is forgotten", async (store) => {
    for (let round = 0; round < 50; round++) await write(store, put("a", `${round}`), put(`gone/${round}`));
    await write(store, ...Array.from({ length: 50 }, (_, round) => remove(`gone/${round}`)));
    await store.compact(await store.currentRevision());
    assert.deepEqual(
      (await store.range(EVERYTHING)).items.map(({ version }) => version),
      [50],
    );
  });
}

function testWatches(testOpen: TestOpen): void {
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

function testLeases(testOpen: TestOpen): void {
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

async function get(store: Store, key: string, revision?: number) {
  const { items } = await store.range({ start: key }, revision === undefined ? {} : { revision });
  return items[0];
}

function prefix(start: string): KeyRange {
  return { start, end: prefixEnd(start) };
}

function neverAborts(): AbortSignal {
  return new AbortController().signal;
}
