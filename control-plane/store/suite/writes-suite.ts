// What writes must do, by every maker of a store.

import assert from "node:assert/strict";
import {
  KEY_BYTES_MAX,
  type StoreErrorCode,
  TRANSACTION_OPERATIONS_MAX,
  VALUE_BYTES_MAX,
  type WriteOperation,
} from "../store.ts";
import { encode, EVERYTHING, get, neverAborts, prefix, put, readUntil, remove, write } from "./store-calls.ts";
import type { TestOpen } from "./store-medium.ts";

export function testWrites(testOpen: TestOpen): void {
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
