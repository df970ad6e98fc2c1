// What only a store on a medium can get wrong: foreign files, a full medium, history that is never removed.

import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import type { Store, WriteOperation } from "../store.ts";
import { describeEvents, put, readUntil, remove, write } from "../suite/store-calls.ts";
import { FORMAT_VERSION, openForWriting } from "./database.ts";
import { openSqliteStore } from "./sqlite-store.ts";

test("a store of another format version is refused by name and left alone", async () => {
  await using directory = await makeDirectory();
  await (await directory.open())[Symbol.asyncDispose]();
  directory.alter(`PRAGMA user_version = ${FORMAT_VERSION + 1}`);
  await assert.rejects(directory.open(), {
    code: "WrongFormat",
    message: new RegExp(`format version ${FORMAT_VERSION + 1}, this program reads version ${FORMAT_VERSION}$`),
  });
  directory.alter(`PRAGMA user_version = ${FORMAT_VERSION}`);
  await using store = await directory.open();
  assert.equal(await store.currentRevision(), 1);
});

test("another program's database and other files are refused", async () => {
  await using directory = await makeDirectory();
  directory.alter("CREATE TABLE recipes (name TEXT)");
  await assert.rejects(directory.open(), { code: "WrongFormat", message: /belongs to another program$/ });
  await writeFile(directory.file, "Once upon a time there was a text file that was no database at all.".repeat(100));
  await assert.rejects(directory.open(), { code: "WrongFormat", message: /is not a database$/ });
});

test("a store that is open is not opened twice, and opened again after it is closed", async () => {
  await using directory = await makeDirectory();
  {
    await using store = await directory.open();
    await assert.rejects(directory.open(), { code: "Locked" });
    assert.equal(await write(store, put("a")), 2);
  }
  await using store = await directory.open();
  assert.equal(await store.currentRevision(), 2);
});

test("a directory that cannot be made is told by its name", async () => {
  await using directory = await makeDirectory();
  await writeFile(join(directory.path, "file"), "");
  const opening = openSqliteStore({ ...directory.options, directory: join(directory.path, "file/store") });
  await assert.rejects(opening, { code: "Unavailable", message: /^Open store in ".*file\/store"$/ });
});

test("the directory is made for its owner only", async () => {
  await using directory = await makeDirectory();
  await using store = await openSqliteStore({ ...directory.options, directory: join(directory.path, "deep/store") });
  assert.equal(await store.currentRevision(), 1);
  assert.equal((await stat(join(directory.path, "deep/store"))).mode & 0o777, 0o700);
});

test("a commit waits for the medium", async () => {
  await using directory = await makeDirectory();
  using database = openForWriting(directory.file, 1_000_000);
  assert.equal(database.prepare("PRAGMA synchronous").get()?.synchronous, 2);
  assert.equal(database.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
});

test("a write that does not fit fails as a whole, reads go on, and forgetting history makes room", async () => {
  await using directory = await makeDirectory();
  await using store = await openSqliteStore({ ...directory.options, sizeBytesMax: 2_000_000 });
  const large: WriteOperation = { type: "put", key: "large", value: new Uint8Array(300_000) };
  let revision = 1;
  const fill = async () => {
    for (;;) revision = await write(store, put("small", "x"), large);
  };
  await assert.rejects(fill(), { code: "Unavailable", message: /full/ });
  assert(revision > 3);
  assert.equal(await store.currentRevision(), revision);
  assert.deepEqual(
    (await store.range({ start: "a", end: "z" })).items.map(({ modRevision }) => modRevision),
    [revision, revision],
  );
  await store.compact(revision);
  for (let turn = 0; turn < 2000 && (await write(store, large).catch(() => 0)) === 0; turn++) await nextTurn();
  assert.equal(await store.currentRevision(), revision + 1);
  const events = await readUntil(
    store.watch({ start: "large" }, { fromRevision: revision + 1 }, neverAborts()),
    revision + 1,
  );
  assert.equal(events.length, 1);
});

test("forgotten entries are removed from the file, in steps, also those left by a process that ended", async () => {
  await using directory = await makeDirectory();
  {
    await using store = await directory.open();
    for (let round = 0; round < 10; round++) {
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
      await write(store, ...keys.map((key) => put(key, `${round}`)));
    }
    await write(store, remove("k1"), remove("k2"));
    await store.compact(12);
  }
  await using store = await directory.open();
  assert.deepEqual(
    describeEvents(await readUntil(store.watch({ start: "k1" }, { fromRevision: 12 }, neverAborts()), 12)),
    ["delete k1 @12"],
  );
  await write(store, put("a"));
  await store.compact(13);
  // 98 live entries of the ten rounds, and the one of "a".
  await eventually(() => directory.count() === 99);
  assert.equal((await store.range({ start: "k", end: "l" })).count, 98);
});

test("writes that were asked for before the store is closed are finished", async () => {
  await using directory = await makeDirectory();
  const store = await directory.open();
  const written = Array.from({ length: 100 }, (_, index) => write(store, put(`${index}`)));
  await store[Symbol.asyncDispose]();
  assert.equal((await Promise.all(written)).at(-1), 101);
  await using reopened = await directory.open();
  assert.equal(await reopened.currentRevision(), 101);
});

test("a watch that lags behind the events in memory reads the file, in pages", async () => {
  await using directory = await makeDirectory();
  await using store = await directory.open();
  const watch = store.watch({ start: "a", end: "b" }, {}, neverAborts());
  const value = new Uint8Array(300_000);
  const keys = Array.from({ length: 40 }, (_, index) => `a${index}`);
  for (let round = 0; round < 3; round++) {
    for (let first = 0; first < 40; first += 20) {
      const writes = keys.slice(first, first + 20).map((key): WriteOperation => ({ type: "put", key, value }));
      await store.transact({ compares: [], writes });
    }
  }
  const revisions: number[] = [];
  let batches = 0;
  for await (const { events, revision } of watch) {
    batches++;
    revisions.push(...events.map((event) => event.revision));
    if (revision === 7) break;
  }
  assert.deepEqual(
    revisions,
    Array.from({ length: 120 }, (_, index) => 2 + Math.floor(index / 20)),
  );
  assert(batches > 1);
});

async function eventually(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000 && !isTrue(); turn++) await nextTurn();
  assert(isTrue());
}

function neverAborts(): AbortSignal {
  return new AbortController().signal;
}

async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), "store-file-"));
  const file = join(path, "store.db");
  const options = { directory: path, clock: systemClock, log: silentLogger };
  return {
    path,
    file,
    options,
    open: (): Promise<Store & AsyncDisposable> => openSqliteStore(options),
    /** Changes the file behind the store's back. */
    alter: (sql: string) => {
      using database = new DatabaseSync(file);
      database.exec(sql);
    },
    count: () => {
      using database = new DatabaseSync(file, { readOnly: true });
      return Number(database.prepare("SELECT count(*) AS count FROM entry").get()?.count);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}
