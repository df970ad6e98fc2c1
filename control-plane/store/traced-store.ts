import type { Tracer } from "@atoll/base/tracing";
import type {
  KeyRange,
  RangeOptions,
  RangeResult,
  Store,
  Transaction,
  TransactionResult,
  WatchBatch,
  WatchOptions,
} from "./store.ts";

/** A store whose reads and transactions are told as spans. Owns the store it is made of. */
export class TracedStore implements Store {
  readonly #store: Store;
  readonly #tracer: Tracer;
  /** As OpenTelemetry's "db.system.name". */
  readonly #system: string;

  constructor(store: Store, tracer: Tracer, system: string) {
    this.#store = store;
    this.#tracer = tracer;
    this.#system = system;
  }

  currentRevision(): ReturnType<Store["currentRevision"]> {
    return this.#store.currentRevision();
  }

  range(range: KeyRange, options?: RangeOptions): Promise<RangeResult> {
    const attributes = { "db.system.name": this.#system, "store.key": range.start, "store.limit": options?.limit ?? 0 };
    return this.#tracer.inSpan("Range", attributes, () => this.#store.range(range, options));
  }

  transact(transaction: Transaction): Promise<TransactionResult> {
    const { compares, writes } = transaction;
    const attributes = {
      "db.system.name": this.#system,
      "store.key": compares[0]?.key ?? writes[0]?.key ?? "",
      "store.writes": writes.length,
    };
    return this.#tracer.inSpan("Txn", attributes, async (span) => {
      const result = await this.#store.transact(transaction);
      span.set({ "store.committed": result.committed, "store.revision": result.revision });
      return result;
    });
  }

  watch(range: KeyRange, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return this.#store.watch(range, options, signal);
  }

  compact(revision: number): Promise<void> {
    return this.#store.compact(revision);
  }

  grantLease(ttlSeconds: number): ReturnType<Store["grantLease"]> {
    return this.#store.grantLease(ttlSeconds);
  }

  revokeLease(id: number): Promise<void> {
    return this.#store.revokeLease(id);
  }

  sizeBytes(): Promise<number> {
    return this.#store.sizeBytes();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#store[Symbol.asyncDispose]();
  }
}
