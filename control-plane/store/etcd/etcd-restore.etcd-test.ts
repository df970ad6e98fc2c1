import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { systemRandom } from "@atoll/base/random";
import { openBackup } from "../backup/backup-format.ts";
import { BACKED_UP, createBackup } from "../backup/create-backup.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import { put, write } from "../suite/store-calls.ts";
import type { Store } from "../store.ts";
import { EtcdProcess } from "./etcd-process.ts";
import { refuseHalfRestored, restoreEtcd } from "./etcd-restore.ts";
import { openEtcdStore } from "./etcd-store.ts";

const KEYS = 300;

async function backUp(store: Store): Promise<Uint8Array[]> {
  return await Array.fromAsync(createBackup(store, { store: "memory", nowMs: 0 }));
}

async function* again(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const contentOf = async (store: Store) =>
  (await store.range(BACKED_UP)).items.map(({ key, value, lease }) => [key, Buffer.from(value).toString(), lease > 0]);

test("a backup of another store goes into an etcd, whatever is there, beyond every version that was seen", async () => {
  await using source = new MemoryStore(systemClock);
  const { id } = await source.grantLease(60);
  for (let number = 0; number < KEYS; number++) await write(source, put(`/registry/k/${number}`, `${number}`));
  await write(source, put("/registry/events/e", "x", id));
  const parts = await backUp(source);
  await using etcd = await EtcdProcess.start({ isDurable: false });
  const options = { endpoints: [etcd.endpoint], clock: systemClock, random: systemRandom, log: silentLogger };
  await using store = await openEtcdStore(options);
  await write(store, put("/registry/old"), put("/elsewhere"));
  for (let time = 0; time < 2; time++) {
    assert.equal(await restoreEtcd(store, await openBackup(again(parts)), () => {}), KEYS + 1);
    assert.deepEqual(await contentOf(store), await contentOf(source));
  }
  await refuseHalfRestored(store);
  assert.equal((await store.range({ start: "/elsewhere" })).count, 1);
  const newest = await source.currentRevision();
  assert((await store.currentRevision()) > newest);
  await assert.rejects(store.range(BACKED_UP, { revision: newest }), { code: "Compacted" });
});

test("an etcd whose restore broke off is refused until it is done again", async () => {
  await using source = new MemoryStore(systemClock);
  await write(source, put("/registry/a", "1"));
  const parts = await backUp(source);
  await using etcd = await EtcdProcess.start({ isDurable: false });
  const options = { endpoints: [etcd.endpoint], clock: systemClock, random: systemRandom, log: silentLogger };
  await using store = await openEtcdStore(options);
  await assert.rejects(
    restoreEtcd(store, await openBackup(again(parts.slice(0, -1))), () => {}),
    { code: "Damaged" },
  );
  await assert.rejects(refuseHalfRestored(store), { code: "Unavailable" });
  await restoreEtcd(store, await openBackup(again(parts)), () => {});
  await refuseHalfRestored(store);
  assert.deepEqual(await contentOf(store), [["/registry/a", "1", false]]);
});
