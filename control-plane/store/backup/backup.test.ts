import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { MemoryStore } from "../memory/memory-store.ts";
import { openSqliteFile, restoreSqlite } from "../sqlite/sqlite-backup.ts";
import { openSqliteStore } from "../sqlite/sqlite-store.ts";
import type { Store } from "../store.ts";
import { put, remove, write } from "../suite/store-calls.ts";
import { openBackup } from "./backup-format.ts";
import { BACKED_UP, createBackup } from "./create-backup.ts";

const LINE_FEED = 10;

async function fill(store: Store): Promise<void> {
  const { id } = await store.grantLease(60);
  await write(store, put("/registry/a", "1"), put("/registry/gone", "1"));
  await write(store, put("/registry/a", "2\n{}"), remove("/registry/gone"), put("/elsewhere", "x"));
  await write(store, put("/registry/events/e", "3", id));
  for (let part = 0; part < 6; part++) {
    await write(
      store,
      ...Array.from({ length: 120 }, (_, index) => put(`/registry/many/${part}-${index}`, `${index}`)),
    );
  }
}

async function contentOf(store: Store): Promise<string[]> {
  const { items } = await store.range(BACKED_UP);
  return items.map(({ key, value, lease }) => `${key}=${Buffer.from(value)}${lease === 0 ? "" : " leased"}`);
}

async function backUp(store: Store): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(createBackup(store, { store: "memory", nowMs: 0 })));
}

/** In pieces that end anywhere. */
async function* inPieces(bytes: Uint8Array, size = 777): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), "backup-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const openSqlite = (directory: string) => openSqliteStore({ directory, clock: systemClock, log: silentLogger });

test("a backup shows one revision, whatever is written meanwhile", async () => {
  await using store = new MemoryStore(systemClock);
  await fill(store);
  const before = await contentOf(store);
  const parts: Uint8Array[] = [];
  for await (const part of createBackup(store, { store: "memory", nowMs: 0 })) {
    parts.push(part);
    await write(store, put("/registry/a", "later"), put(`/registry/new/${parts.length}`));
  }
  await using copy = await makeDirectory();
  await restoreSqlite(copy.path, await openBackup(inPieces(Buffer.concat(parts))));
  await using restored = await openSqlite(copy.path);
  assert.deepEqual(await contentOf(restored), before);
});

test("a restored store goes on beyond the lost one, and has forgotten what clients may hold", async () => {
  await using directory = await makeDirectory();
  let bytes: Buffer;
  let newest: number;
  {
    await using store = await openSqlite(directory.path);
    await fill(store);
    using file = await openSqliteFile(directory.path);
    bytes = Buffer.concat(await Array.fromAsync(createBackup(file, { store: "sqlite", nowMs: 0 })));
    newest = await write(store, put("/registry/after", "lost"));
    await assert.rejects(restoreSqlite(directory.path, await openBackup(inPieces(bytes))), { code: "Locked" });
  }
  // Twice is as once.
  for (let time = 0; time < 2; time++) await restoreSqlite(directory.path, await openBackup(inPieces(bytes)));
  await using store = await openSqlite(directory.path);
  assert.equal((await store.range({ start: "/registry/after" })).count, 0);
  assert((await store.currentRevision()) > newest + 1000);
  await assert.rejects(store.range(BACKED_UP, { revision: newest }), { code: "Compacted" });
  const watch = store.watch(BACKED_UP, { fromRevision: newest }, new AbortController().signal);
  await assert.rejects(watch[Symbol.asyncIterator]().next(), { code: "Compacted" });
  const again = await backUp(store);
  const body = (backup: Buffer) => backup.subarray(backup.indexOf(LINE_FEED), backup.lastIndexOf(LINE_FEED, -2));
  assert(body(again).equals(body(bytes)));
});

test("a backup that is cut, changed or none at all is refused, and the store stays as it was", async () => {
  await using store = new MemoryStore(systemClock);
  await fill(store);
  const bytes = await backUp(store);
  await using directory = await makeDirectory();
  {
    await using other = await openSqlite(directory.path);
    await write(other, put("/registry/mine"));
  }
  const changed = Buffer.from(bytes);
  changed[bytes.length - 200] = (changed[bytes.length - 200] ?? 0) ^ 1;
  const restore = async (backup: Buffer) => restoreSqlite(directory.path, await openBackup(inPieces(backup)));
  await assert.rejects(restore(bytes.subarray(0, -10)), { code: "Damaged" });
  await assert.rejects(restore(bytes.subarray(0, 500)), { code: "Damaged" });
  await assert.rejects(restore(changed), { code: "Damaged" });
  await assert.rejects(restore(Buffer.from("something else\n")), { code: "NotABackup" });
  await assert.rejects(restore(Buffer.alloc(0)), { code: "NotABackup" });
  await using kept = await openSqlite(directory.path);
  assert.deepEqual(await contentOf(kept), ["/registry/mine=value"]);
});
