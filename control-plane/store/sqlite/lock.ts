// Keeps a second process away from an open store. SQLite itself would let both write in turns, but each holds its newest
// revision in memory and would miss the other's. The lock is a transaction held open on a file of its own: the kernel
// lets go of it when the process ends in whatever way, so that nothing stale is left to clean up.

import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../store.ts";
import { isSqliteError, SQLITE_BUSY } from "./database.ts";

export function lockStore(path: string): Disposable {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (!isSqliteError(cause) || cause.errcode !== SQLITE_BUSY) throw cause;
    throw new StoreError("Locked", `Lock store with "${path}": the store is open already, here or in another process`);
  }
  return { [Symbol.dispose]: () => database.close() };
}
