// The files of a SQLite store, in the directory that is its own.

import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

export const STORE_FILE = "store.db";
export const LOCK_FILE = "store.lock";

/** Of the store's file; etcd's suggested maximum, and far beyond what one process should hold in its caches. */
export const SIZE_BYTES_MAX = 8 * 1024 * 1024 * 1024;

/** The directory entry of a new directory is itself data to be synced: without it a power loss takes the whole store. */
export async function makeDirectory(directory: string): Promise<void> {
  const firstMade = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (firstMade === undefined) return;
  await using parent = await open(dirname(firstMade));
  await parent.sync();
}
