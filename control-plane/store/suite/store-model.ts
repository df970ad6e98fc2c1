// The store as one would explain it on a whiteboard: every state ever, as a list of maps. Slow, obvious, and therefore what
// the makers are compared with. For tests only.

import { compareKeys, isInRange } from "../key-order.ts";
import type {
  KeyRange,
  KeyValue,
  RangeOptions,
  RangeResult,
  StoreErrorCode,
  StoreEvent,
  Transaction,
  TransactionResult,
  WriteOperation,
} from "../store.ts";

export class StoreModel {
  /** The state at each revision; index 0 is never used, 1 is the empty store. */
  readonly #states: Map<string, KeyValue>[] = [new Map(), new Map()];
  readonly events: StoreEvent[] = [];
  readonly leases = new Set<number>();
  compacted = 0;

  get revision(): number {
    return this.#states.length - 1;
  }

  get state(): ReadonlyMap<string, KeyValue> {
    return this.#states[this.revision] ?? new Map();
  }

  range(range: KeyRange, { limit = 0, revision = this.revision, countOnly = false }: RangeOptions): RangeResult {
    const state = this.#states[revision] ?? new Map<string, KeyValue>();
    const all = [...state.values()]
      .filter(({ key }) => isInRange(key, range))
      .sort((left, right) => compareKeys(left.key, right.key));
    const items = countOnly ? [] : all.slice(0, limit === 0 ? all.length : limit);
    return { items, count: all.length, more: !countOnly && items.length < all.length, revision: this.revision };
  }

  rangeError(revision: number): StoreErrorCode | undefined {
    if (revision < 1) return "Invalid";
    if (revision > this.revision) return "FutureRevision";
    return revision < this.compacted ? "Compacted" : undefined;
  }

  transact({ compares, writes }: Transaction): TransactionResult | "LeaseNotFound" {
    if (!compares.every(({ key, modRevision }) => (this.state.get(key)?.modRevision ?? 0) === modRevision)) {
      const current = compares.map(({ key }) => this.state.get(key));
      return { committed: false, revision: this.revision, current };
    }
    if (writes.some((write) => write.type === "put" && write.lease && !this.leases.has(write.lease))) {
      return "LeaseNotFound";
    }
    this.#write(writes);
    return { committed: true, revision: this.revision };
  }

  endLease(id: number): void {
    const keys = [...this.state.values()].filter(({ lease }) => lease === id).map(({ key }) => key);
    this.#write(keys.sort(compareKeys).map((key) => ({ type: "delete", key })));
    this.leases.delete(id);
  }

  #write(writes: readonly WriteOperation[]): void {
    const state = new Map(this.state);
    const revision = this.revision + 1;
    const before = this.events.length;
    for (const write of writes) {
      const previous = state.get(write.key);
      if (write.type === "put") {
        const createRevision = previous?.createRevision ?? revision;
        const version = (previous?.version ?? 0) + 1;
        const { key, value, lease = 0 } = write;
        state.set(key, { key, value, createRevision, modRevision: revision, version, lease });
        this.events.push({ type: "put", key, value, revision, createRevision, version, lease });
      } else if (previous) {
        const { key, createRevision } = previous;
        state.delete(key);
        this.events.push({ type: "delete", key, revision, createRevision, version: 0, lease: 0 });
      }
    }
    if (this.events.length > before) this.#states.push(state);
  }
}
