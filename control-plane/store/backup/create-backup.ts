// Reads a whole store, while others write to it, as of one revision.

import { formatTime } from "@atoll/base/clock";
import { type KeyRange, type KeyValue, prefixEnd, type RangeOptions, type RangeResult } from "../store.ts";
import { BACKUP_VERSION, type BackupHeader, encodeBackup } from "./backup-format.ts";

/** Keys read together. */
const PAGE_KEYS = 500;

/** What belongs to the Kubernetes API; an etcd may hold more, which is not ours to put back. */
export const BACKED_UP: KeyRange = { start: "/registry/", end: prefixEnd("/registry/") };

/** As a store reads, or the file of one that another process has open. */
export interface BackupSource {
  range(range: KeyRange, options: RangeOptions): Promise<RangeResult> | RangeResult;
}

/** Fails with "Compacted" when it takes longer than history is kept. */
export async function* createBackup(
  source: BackupSource,
  about: { readonly store: BackupHeader["store"]; readonly nowMs: number },
): AsyncGenerator<Uint8Array, void> {
  const { revision } = await source.range(BACKED_UP, { countOnly: true });
  const header = {
    format: "atoll-backup",
    version: BACKUP_VERSION,
    revision,
    createdAt: formatTime(about.nowMs),
    store: about.store,
  } as const;
  yield* encodeBackup(header, readAll(source, revision));
}

async function* readAll(source: BackupSource, revision: number): AsyncGenerator<KeyValue, void> {
  let { start } = BACKED_UP;
  for (;;) {
    const page = await source.range({ start, end: BACKED_UP.end }, { revision, limit: PAGE_KEYS });
    yield* page.items;
    if (!page.more) return;
    // The smallest key after the last one.
    start = `${page.items.at(-1)?.key ?? start}\0`;
  }
}
