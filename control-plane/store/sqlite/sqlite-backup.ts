// Backup and restore of a SQLite store by another process than the Supervisor's.

import { link, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type EntryTarget, putEntries } from "../backup/put-entries.ts";
import type { BackupSource } from "../backup/create-backup.ts";
import type { OpenBackup } from "../backup/backup-format.ts";
import { StoreError } from "../store.ts";
import { openForWriting } from "./database.ts";
import { lockStore } from "./lock.ts";
import type { Command, CommandResult } from "./messages.ts";
import { Reader } from "./reader.ts";
import { SIZE_BYTES_MAX, STORE_FILE, LOCK_FILE, makeDirectory } from "./sqlite-files.ts";
import { Writer } from "./writer.ts";

/** The store before the last restore, for whoever restored by mistake. */
export const PREVIOUS_FILE = "store.previous.db";

/** Made beside the store, so that it can take its place in one step. */
const NEW_FILE = "store.restored.db";

/**
 * A restored store goes on this far beyond what anybody has seen of the lost one: whoever comes with an older version learns
 * that it is forgotten, and reads anew.
 */
const REVISIONS_SKIPPED = 1_000_000;

/** Reads a store that a Supervisor may have open, without being in its way. To be disposed of. */
export async function openSqliteFile(directory: string): Promise<BackupSource & Disposable> {
  const path = join(directory, STORE_FILE);
  await stat(path).catch((cause) => {
    throw new StoreError("Unavailable", `Read store "${path}"`, { cause });
  });
  const reader = new Reader(path);
  return { range: (range, options) => reader.range(range, options), [Symbol.dispose]: () => reader[Symbol.dispose]() };
}

/**
 * Puts a store with the backup's content in the place of the one in the directory, in one step. Fails with "Locked" while a
 * Supervisor runs, and leaves the old store as it was after any failure. Returns how many keys.
 */
export async function restoreSqlite(directory: string, backup: OpenBackup): Promise<number> {
  await makeDirectory(directory);
  using _lock = lockStore(join(directory, LOCK_FILE));
  const [current, made] = [join(directory, STORE_FILE), join(directory, NEW_FILE)];
  await removeDatabase(made);
  const newest = (await exists(current)) ? closeCurrent(current) : 0;
  const revision = Math.max(newest, backup.header.revision) + REVISIONS_SKIPPED;
  const count = await makeStore(made, revision, backup);
  if (newest > 0) {
    const previous = join(directory, PREVIOUS_FILE);
    await rm(previous, { force: true });
    await link(current, previous);
  }
  await rename(made, current);
  await using entry = await open(directory);
  await entry.sync();
  return count;
}

async function makeStore(path: string, revision: number, backup: OpenBackup): Promise<number> {
  const database = openForWriting(path, SIZE_BYTES_MAX);
  try {
    database.prepare("UPDATE meta SET revision = ?, compacted = ?").run(revision, revision);
    const writer = new Writer(database);
    const target: EntryTarget = {
      transact: async (transaction) => expectDone(writer, { type: "transact", transaction }, "transacted").result,
      grantLease: async (ttlSeconds) => {
        const { id } = expectDone(writer, { type: "grantLease", ttlSeconds }, "granted");
        return { id, ttlSeconds };
      },
    };
    const count = await putEntries(target, backup.entries);
    // No client may read how it was filled.
    expectDone(writer, { type: "compact", revision: writer.revision }, "done");
    return count;
  } finally {
    // The last connection empties the write-ahead log and syncs.
    database.close();
  }
}

function expectDone<T extends CommandResult["type"]>(writer: Writer, command: Command, type: T) {
  const reply = writer.execute([command]);
  if (reply.type === "failed") throw new StoreError("Unavailable", `Write the restored store: ${reply.message}`);
  const [result] = reply.results;
  if (result?.type === "refused") throw new StoreError(result.code, result.message);
  if (result?.type !== type) throw new TypeError(`Writer answered "${result?.type}" instead of "${type}"`);
  // The comparison above has decided it; TypeScript does not narrow a union by a type parameter.
  return result as Extract<CommandResult, { readonly type: T }>;
}

/** Leaves all of it in one file, and returns its newest revision. */
function closeCurrent(path: string): number {
  const database = openForWriting(path, SIZE_BYTES_MAX);
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return Number(database.prepare("SELECT revision FROM meta").get()?.revision);
  } finally {
    database.close();
  }
}

async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ["", "-wal", "-shm"]) await rm(`${path}${suffix}`, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
