// What reads must do, by every maker of a store.

import assert from "node:assert/strict";
import { prefixEnd } from "../store.ts";
import { EVERYTHING, get, prefix, put, remove, write } from "./store-calls.ts";
import type { TestOpen } from "./store-medium.ts";

export function testReads(testOpen: TestOpen): void {
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
