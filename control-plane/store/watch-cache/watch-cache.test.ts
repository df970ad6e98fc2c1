import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryStore } from "../memory/memory-store.ts";
import {
  type KeyRange,
  type KeyValue,
  prefixEnd,
  type Store,
  StoreError,
  type StoreErrorCode,
  type WatchBatch,
} from "../store.ts";
import { testSeeds } from "../suite/model-suite.ts";
import { put, remove, write } from "../suite/store-calls.ts";
import { StoreFeed } from "./store-feed.ts";
import { type CacheBatch, type CacheEvent, WatchCache, type WatchCacheOptions } from "./watch-cache.ts";

const PODS = { start: "/pods/", end: prefixEnd("/pods/") };

const PROGRESS_MS = 5000;

/** Key, value and revision of what was decoded: wrong in any of them would show. */
type Decoded = string;

suite("watch cache", () => {
  test("shows what the store has and follows it", async () => {
    await using setup = await makeSetup(put("/pods/a", "1"), put("/pods/b", "1"), put("/nodes/a", "1"));
    const { cache } = setup;
    assert.deepEqual(setup.shown(), ["/pods/a=1 @2", "/pods/b=1 @2"]);
    await setup.write(put("/pods/b", "2"), put("/pods/c", "1"));
    await setup.write(remove("/pods/a"));
    assert.deepEqual(setup.shown(), ["/pods/b=2 @3", "/pods/c=1 @3"]);
    assert.equal(cache.get("/pods/b")?.decoded, "/pods/b=2 @3");
    assert.equal(cache.get("/pods/b")?.modRevision, 3);
    assert.equal(cache.get("/pods/a"), undefined);
    assert.equal(cache.get("/nodes/a"), undefined);
  });

  test("decodes each write once, however many read it", async () => {
    await using setup = await makeSetup(put("/pods/a", "1"));
    const watches = Array.from({ length: 5 }, () => setup.read(watch(setup.cache, PODS, 3, neverAborts()), 4));
    await setup.write(put("/pods/a", "2"));
    await setup.write(remove("/pods/a"));
    const [first = [], ...others] = await Promise.all(watches);
    assert.equal(setup.decodings(), 2);
    for (const other of others) assert(other.every((event, index) => event === first[index]));
  });

  test("cools what was replaced when many newer events stand behind it, and nothing that is still shown", async () => {
    const clock = new VirtualClock();
    await using store = new MemoryStore(clock);
    const cooled: Decoded[] = [];
    const { cache, feed } = makeCache(store, clock, { eventsMax: 1000, cool: (decoded) => cooled.push(decoded) });
    const aborter = new AbortController();
    const running = Promise.all([feed.run(aborter.signal), cache.run(aborter.signal)]);
    const writeOne = async (value: string) => cache.waitFor(await write(store, put("/pods/a", value)), neverAborts());
    for (let count = 0; count <= 65; count++) await writeOne(`${count}`);
    assert.deepEqual(cooled, ["/pods/a=0 @2"]);
    await writeOne("66");
    assert.deepEqual(cooled, ["/pods/a=0 @2", "/pods/a=1 @3"]);
    aborter.abort();
    await running;
  });

  test("pages a range and counts what is past the limit", async () => {
    await using setup = await makeSetup(...["a", "b", "c", "d"].map((name) => put(`/pods/${name}`)));
    const page = setup.cache.range({ start: "/pods/b", end: PODS.end }, 2);
    assert.deepEqual(
      [page.items.map(({ key }) => key), page.count, page.more, page.revision],
      [["/pods/b", "/pods/c"], 3, true, 2],
    );
    assert.partialDeepStrictEqual(setup.cache.range(PODS, 4), { count: 4, more: false });
  });

  test("is as fresh as the store for those who wait, whatever the store was busy with", async () => {
    await using setup = await makeSetup();
    const revision = await write(setup.store, put("/nodes/a"));
    await setup.cache.waitFor(revision, neverAborts());
    assert.equal(setup.cache.range(PODS).revision, revision);
    const aborter = new AbortController();
    const waiting = setup.cache.waitFor(revision + 1, aborter.signal);
    aborter.abort(new Error("no longer needed"));
    await assert.rejects(waiting, /no longer needed/);
  });

  test("refuses reads until its first list is done", async () => {
    const clock = new VirtualClock();
    await using store = new MemoryStore(clock);
    const { cache } = makeCache(store, clock);
    assert(!cache.isReady);
    assert.throws(() => cache.range(PODS), { code: "Unavailable" });
  });

  test("tells the state before and the last state of what was deleted", async () => {
    await using setup = await makeSetup(put("/pods/a", "1"));
    await setup.write(put("/pods/a", "2"));
    await setup.write(remove("/pods/a"));
    const events = await setup.read(watch(setup.cache, PODS, 3, neverAborts()), 4);
    assert.deepEqual(
      events.map(({ type, item, previous }) => [type, item.decoded, previous?.decoded]),
      [
        ["put", "/pods/a=2 @3", "/pods/a=1 @2"],
        ["delete", "/pods/a=2 @4", "/pods/a=2 @3"],
      ],
    );
  });

  test("refuses a watch of what it no longer knows, at the start and for a reader that is overtaken", async () => {
    await using setup = await makeSetup(put("/pods/a", "1"));
    const slow = watch(setup.cache, PODS, 3, neverAborts());
    await assertCompacted(watch(setup.cache, PODS, 2, neverAborts()));
    for (let round = 0; round < 20; round++) await setup.write(put("/pods/a", `${round}`));
    await assertCompacted(slow);
    const events = await setup.read(watch(setup.cache, PODS, 20, neverAborts()), 22);
    assert.deepEqual(
      events.map(({ revision }) => revision),
      [20, 21, 22],
    );
  });

  test("tells idle watchers now and then how far it is, and otherwise lets them sleep", async () => {
    await using setup = await makeSetup();
    const batches: CacheBatch<Decoded>[] = [];
    const aborter = new AbortController();
    const follow = async () => {
      for await (const batch of watch(setup.cache, { start: "/pods/mine" }, 2, aborter.signal)) batches.push(batch);
    };
    const following = follow();
    await nextTurn();
    for (let round = 0; round < 5; round++) await setup.write(put("/pods/other"));
    assert.deepEqual(batches, []);
    await setup.clock.advance(PROGRESS_MS);
    assert.deepEqual(batches, [{ events: [], revision: 6 }]);
    await setup.clock.advance(PROGRESS_MS);
    assert.equal(batches.length, 1);
    aborter.abort();
    await following;
  });

  test("lists in pages of one state while the store is written", async () => {
    const clock = new VirtualClock();
    await using store = new MemoryStore(clock);
    for (let page = 0; page < 12; page++) {
      await write(store, ...Array.from({ length: 100 }, (_, index) => put(`/pods/${page}/${index}`)));
    }
    const { cache, feed } = makeCache(store, clock);
    const aborter = new AbortController();
    const running = Promise.all([feed.run(aborter.signal), cache.run(aborter.signal)]);
    for (let round = 0; round < 5; round++) {
      await write(store, put(`/pods/9/new-${round}`), remove(`/pods/9/${round}`));
      await nextTurn();
    }
    await cache.waitFor(await store.currentRevision(), neverAborts());
    assert.equal(cache.range(PODS).count, 1200);
    assert.equal(cache.range({ start: "/pods/9/new", end: "/pods/9/nex" }).count, 5);
    aborter.abort();
    await running;
  });

  test("goes on after a failure of the store without gap or repeat", async () => {
    await using setup = await makeSetup();
    const told = setup.read(watch(setup.cache, PODS, 2, neverAborts()), 5);
    await setup.write(put("/pods/a", "1"));
    setup.faults.failWatches("Unavailable");
    await nextTurn();
    await write(setup.store, put("/pods/a", "2"));
    await write(setup.store, put("/pods/a", "3"));
    assert.equal(setup.cache.revision, 2);
    await setup.clock.advance(1000);
    await setup.write(put("/pods/a", "4"));
    assert.deepEqual(
      (await told).map(({ item }) => item.decoded),
      ["/pods/a=1 @2", "/pods/a=2 @3", "/pods/a=3 @4", "/pods/a=4 @5"],
    );
  });

  test("lists anew when the store has forgotten what it needs, and ends watches that would have a gap", async () => {
    await using setup = await makeSetup(put("/pods/gone", "1"));
    const interrupted = watch(setup.cache, PODS, 3, neverAborts());
    setup.faults.failWatches("Unavailable");
    await nextTurn();
    await write(setup.store, put("/pods/a", "1"));
    await write(setup.store, remove("/pods/gone"));
    await setup.store.compact(4);
    const waiting = setup.cache.waitFor(4, neverAborts());
    await setup.clock.advance(1000);
    await waiting;
    assert.deepEqual(setup.shown(), ["/pods/a=1 @3"]);
    await assertCompacted(interrupted);
    await setup.write(put("/pods/b", "1"));
    assert.deepEqual(setup.shown(), ["/pods/a=1 @3", "/pods/b=1 @5"]);
  });

  test("ends with its store, and so do its watches and waits", async () => {
    await using setup = await makeSetup();
    const ended = assert.rejects(setup.read(watch(setup.cache, PODS, 2, neverAborts()), 100), { code: "Closed" });
    const wait = assert.rejects(setup.cache.waitFor(100, neverAborts()), { code: "Closed" });
    await nextTurn();
    await setup.store[Symbol.asyncDispose]();
    await setup.running;
    await Promise.all([ended, wait]);
    assert.equal(setup.clock.pendingTimers, 0);
    await assert.rejects(setup.cache.waitFor(100, neverAborts()), { code: "Closed" });
  });

  for (const seed of testSeeds(5)) {
    test(`shows the same as the store and tells each event once under random failures, seed ${seed}`, async () => {
      await using setup = await makeSetup();
      const random = seededRandom(seed);
      const keys = ["/pods/a", "/pods/b", "/pods/c", "/nodes/a"];
      let position = 1;
      let told: CacheEvent<Decoded>[] = [];
      for (let round = 0; round < 60; round++) {
        const key = keys[Math.floor(random.float() * keys.length)] ?? "";
        await write(setup.store, random.float() < 0.3 ? remove(key) : put(key, `${round}`));
        if (random.float() < 0.1) setup.faults.failWatches("Unavailable");
        if (random.float() < 0.05) await setup.store.compact(await setup.store.currentRevision());
        if (random.float() < 0.3) await setup.clock.advance(1000);
        if (random.float() < 0.8) continue;
        await setup.clock.advance(5000);
        const revision = await setup.store.currentRevision();
        await setup.cache.waitFor(revision, neverAborts());
        const { items } = await setup.store.range(PODS);
        assert.deepEqual(
          setup.cache.range(PODS).items.map(({ key, modRevision, bytes }) => [key, modRevision, bytes]),
          items.map(({ key, modRevision, value }) => [key, modRevision, value.length]),
        );
        assert.deepEqual(setup.shown(), items.map(describeKeyValue));
        if (revision <= position) continue;
        try {
          told = await setup.read(watch(setup.cache, PODS, position + 1, neverAborts()), revision);
          assert.deepEqual(told.map(describeCacheEvent), await eventsOf(setup.store, position + 1, revision));
        } catch (error) {
          assert.equal(codeOf(error), "Compacted");
        }
        position = revision;
      }
    });
  }
});

/** From the revision on as of the call, until the signal aborts. */
function watch(cache: WatchCache<Decoded>, range: KeyRange, fromRevision: number, signal: AbortSignal) {
  const position = cache.open(range, fromRevision);
  signal.addEventListener("abort", () => position.wake());
  return (async function* (): AsyncGenerator<CacheBatch<Decoded>, void> {
    while (!signal.aborted) {
      const batch = position.read();
      if (batch) yield batch;
      if (!signal.aborted) await position.pause();
    }
  })();
}

function describeCacheEvent({ type, key, revision }: CacheEvent<Decoded>): string {
  return `${type} ${key} @${revision}`;
}

async function eventsOf(store: Store, fromRevision: number, revision: number): Promise<string[]> {
  const events: string[] = [];
  for await (const batch of store.watch(PODS, { fromRevision }, neverAborts())) {
    events.push(...batch.events.map((event) => `${event.type} ${event.key} @${event.revision}`));
    if (batch.revision >= revision) break;
  }
  return events;
}

async function assertCompacted(watch: AsyncIterable<CacheBatch<Decoded>>): Promise<void> {
  const readAll = async () => {
    for await (const batch of watch) assert.fail(`delivered up to ${batch.revision}`);
  };
  await assert.rejects(readAll(), { code: "Compacted" });
}

function codeOf(error: unknown): StoreErrorCode {
  if (error instanceof StoreError) return error.code;
  throw error;
}

function neverAborts(): AbortSignal {
  return new AbortController().signal;
}

/** A store whose watches can be made to fail. */
class FaultyStore extends MemoryStore {
  #fail: ((error: Error) => void)[] = [];

  failWatches(code: StoreErrorCode): void {
    for (const fail of this.#fail.splice(0)) fail(new StoreError(code, "Watch failed because the test says so"));
  }

  override watch(...[range, options, signal]: Parameters<Store["watch"]>): AsyncIterable<WatchBatch> {
    const failure = new AbortController();
    this.#fail.push((error) => failure.abort(error));
    const batches = super.watch(range, options, AbortSignal.any([signal, failure.signal]));
    return (async function* () {
      yield* batches;
      if (failure.signal.aborted) throw failure.signal.reason;
    })();
  }
}

function makeCache(
  store: Store,
  clock: VirtualClock,
  options: Partial<Pick<WatchCacheOptions<Decoded>, "eventsMax" | "cool">> & { readonly onDecode?: () => void } = {},
) {
  const { onDecode = () => {}, eventsMax = 10, cool = () => {} } = options;
  const feed = new StoreFeed({ store, clock, log: silentLogger });
  const cache = new WatchCache<Decoded>({
    store,
    feed,
    prefix: "/pods/",
    decode: (keyValue) => {
      onDecode();
      return describeKeyValue(keyValue);
    },
    restamp: (decoded, revision) => decoded.replace(/@\d+$/, `@${revision}`),
    clock,
    log: silentLogger,
    ...{ eventsMax, cool },
    progressIntervalMs: PROGRESS_MS,
  });
  return { cache, feed };
}

function describeKeyValue({ key, value, modRevision }: KeyValue): Decoded {
  return `${key}=${new TextDecoder().decode(value)} @${modRevision}`;
}

/** A cache of the pods in a store that holds the writes already. */
async function makeSetup(...writes: Parameters<typeof write>[1][]) {
  const clock = new VirtualClock();
  const store = new FaultyStore(clock);
  if (writes.length > 0) await write(store, ...writes);
  let decodings = 0;
  const { cache, feed } = makeCache(store, clock, { onDecode: () => decodings++ });
  const aborter = new AbortController();
  const running = Promise.all([feed.run(aborter.signal), cache.run(aborter.signal)]);
  await cache.waitFor(1, neverAborts());
  return {
    store,
    clock,
    cache,
    running,
    faults: store,
    decodings: () => decodings,
    shown: () => cache.range(PODS).items.map(({ decoded }) => decoded),
    /** Writes and waits until the cache has it. */
    write: async (...some: Parameters<typeof write>[1][]) => cache.waitFor(await write(store, ...some), neverAborts()),
    read: async (watch: AsyncIterable<CacheBatch<Decoded>>, revision: number) => {
      const events: CacheEvent<Decoded>[] = [];
      for await (const batch of watch) {
        events.push(...batch.events);
        if (batch.revision >= revision) break;
      }
      return events;
    },
    [Symbol.asyncDispose]: async () => {
      aborter.abort();
      await running;
      await store[Symbol.asyncDispose]();
    },
  };
}
