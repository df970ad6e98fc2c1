// Puts what a backup holds into a store, in transactions that every maker takes.

import type { Store, WriteOperation } from "../store.ts";
import type { BackupEntry } from "./backup-format.ts";

/** Writes of one transaction, and bytes of their values: well below an etcd's default limits. */
const WRITES_MAX = 100;
const BYTES_MAX = 1024 * 1024;

/** What would have gone by itself lives so long from now on: its own time is not known. Kubernetes' Events are the only ones. */
const LEASE_SECONDS = 3600;

/** Keys of one lease; all go at once. */
const LEASE_KEYS_MAX = 1000;

/** The part of a store that is needed: also that of a file that is being made. */
export type EntryTarget = Pick<Store, "transact" | "grantLease">;

/** Returns how many. */
export async function putEntries(target: EntryTarget, entries: AsyncIterable<BackupEntry>): Promise<number> {
  let writes: WriteOperation[] = [];
  let bytes = 0;
  let count = 0;
  let lease = { id: 0, keys: LEASE_KEYS_MAX };
  const flush = async () => {
    if (writes.length > 0) await target.transact({ compares: [], writes });
    writes = [];
    bytes = 0;
  };
  for await (const { key, value, leased } of entries) {
    if (writes.length === WRITES_MAX || (writes.length > 0 && bytes + value.length > BYTES_MAX)) await flush();
    if (leased && lease.keys >= LEASE_KEYS_MAX) lease = { id: (await target.grantLease(LEASE_SECONDS)).id, keys: 0 };
    if (leased) lease.keys += 1;
    writes.push({ type: "put", key, value, ...(leased && { lease: lease.id }) });
    bytes += value.length;
    count += 1;
  }
  await flush();
  return count;
}
