// Brings old values up to the newest encryption key, so that the one before can be taken out of the configuration. Every
// value that is sealed otherwise than a write of today would be is written again as it is; whoever else writes it meanwhile
// has done the work.

import type { Store } from "../../store/store.ts";
import { prefixEnd } from "../../store/store.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { Encryption } from "./value-cipher.ts";

/** Keys looked at together. */
const PAGE_KEYS = 200;

export interface ResealOptions {
  readonly store: Store;
  readonly resources: readonly ResourceStore[];
  readonly encryption: Encryption;
}

/** Returns how many were written again. Throws for a value that no key opens; those before it are done. */
export async function resealValues(
  { store, resources, encryption }: ResealOptions,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  const done = new Set<string>();
  for (const { kind, prefix } of resources) {
    const cipher = encryption.cipherOf((kind.storedAs ?? kind).resource);
    // Several versions of a kind have one place.
    if (!cipher || done.has(prefix)) continue;
    done.add(prefix);
    let start = prefix;
    for (let more = true; more && !signal.aborted; ) {
      const page = await store.range({ start, end: prefixEnd(prefix) }, { limit: PAGE_KEYS });
      for (const { key, value, modRevision } of page.items) {
        if (cipher.isCurrent(value)) continue;
        const sealed = cipher.seal(key, cipher.open(key, value));
        const { committed } = await store.transact({
          compares: [{ key, modRevision }],
          writes: [{ type: "put", key, value: sealed }],
        });
        if (committed) count += 1;
      }
      start = `${page.items.at(-1)?.key ?? start}\0`;
      more = page.more;
    }
  }
  return count;
}
