// Restores a backup into an etcd cluster that runs, whatever is in it. Not in one step, as etcd has none of that size: a mark
// stands there meanwhile, no Supervisor starts on a store that has it, and a restore that broke off is simply done again.

import { BACKED_UP } from "../backup/create-backup.ts";
import type { OpenBackup } from "../backup/backup-format.ts";
import { putEntries } from "../backup/put-entries.ts";
import { type Store, StoreError, TRANSACTION_OPERATIONS_MAX } from "../store.ts";

const MARK = "/atoll/restoring";

/** Written to let the revision grow. */
const FILLER = "/atoll/filler";
const FILLERS_AT_ONCE = 64;

/** How far beyond the backup's revision the restored store begins; each step is a write. */
const REVISIONS_SKIPPED = 1_000;

const NO_VALUE = new Uint8Array(0);

/** Throws "Unavailable" when a restore has begun there and not ended. */
export async function refuseHalfRestored(store: Store): Promise<void> {
  const { count } = await store.range({ start: MARK }, { countOnly: true });
  if (count > 0) {
    throw new StoreError("Unavailable", "Open store: a restore of it was not finished; run it again");
  }
}

/** Returns how many keys. The caller has made sure that no Supervisor runs. */
export async function restoreEtcd(
  store: Store,
  backup: OpenBackup,
  onProgress: (text: string) => void,
): Promise<number> {
  await store.transact({ compares: [], writes: [{ type: "put", key: MARK, value: NO_VALUE }] });
  await raiseRevision(store, backup.header.revision + REVISIONS_SKIPPED, onProgress);
  await removeAll(store);
  const count = await putEntries(store, backup.entries);
  // Whoever comes with a version from before learns that it is forgotten, and reads anew.
  await store.compact(await store.currentRevision());
  await store.transact({
    compares: [],
    writes: [MARK, FILLER].map((key) => ({ type: "delete", key })),
  });
  return count;
}

/** A new cluster counts from 1: its versions would be older than those that clients hold. A cluster in use is beyond them. */
async function raiseRevision(store: Store, wanted: number, onProgress: (text: string) => void): Promise<void> {
  let revision = await store.currentRevision();
  if (revision < wanted) onProgress(`Raising the revision of etcd from ${revision} to ${wanted}`);
  const fill = async () => {
    while (revision < wanted) {
      const { revision: written } = await store.transact({
        compares: [],
        writes: [{ type: "put", key: FILLER, value: NO_VALUE }],
      });
      revision = Math.max(revision, written);
    }
  };
  await Promise.all(Array.from({ length: FILLERS_AT_ONCE }, fill));
}

async function removeAll(store: Store): Promise<void> {
  for (;;) {
    const { items, more } = await store.range(BACKED_UP, { limit: TRANSACTION_OPERATIONS_MAX });
    if (items.length > 0) {
      await store.transact({ compares: [], writes: items.map(({ key }) => ({ type: "delete", key })) });
    }
    if (!more) return;
  }
}
