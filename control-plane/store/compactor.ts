// Keeps the store's history to the last few minutes: clients that page through a list or resume a watch need it, nobody
// needs more, and a store that never forgets fills its medium.

import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { type Store, StoreError } from "./store.ts";

/** History kept at least; at most twice as much. Kubernetes' API servers keep as long. */
const INTERVAL_MS = 5 * 60 * 1000;

export interface CompactorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly intervalMs?: number;
}

/** Forgets, at every interval, what was history at the one before. Returns when the signal aborts or the store closes. */
export async function runCompactor(options: CompactorOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, log, intervalMs = INTERVAL_MS } = options;
  let previous: number | undefined;
  let compacted: number | undefined;
  while (!signal.aborted) {
    try {
      const revision = await store.currentRevision();
      if (previous !== undefined && previous !== compacted) {
        await store.compact(previous);
        compacted = previous;
        log.debug("Forgot history of the store", { before: previous });
      }
      previous = revision;
    } catch (error) {
      if (error instanceof StoreError && error.code === "Closed") return;
      log.error("Forgetting history of the store failed, which is tried again", { error, retryMs: intervalMs });
    }
    // The only rejection is the signal's, on which the loop ends.
    await clock.sleep(intervalMs, signal).catch(() => {});
  }
}
