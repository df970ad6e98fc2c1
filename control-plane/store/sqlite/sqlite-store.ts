// The default store: one SQLite file. Writes go to the writer's thread in groups and are on the medium when their promise
// resolves; reads and watches are served on this thread, from the newest events in memory or from the file.
//
// The file's revision may run ahead of `revision` here for the moment between a commit and its message: reads may see it,
// watches do not until the message comes, and no caller has been told of it before.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { EventLog } from "../event-log.ts";
import { LeaseTimer } from "../lease-timer.ts";
import {
  type KeyRange,
  prefixEnd,
  type RangeOptions,
  type RangeResult,
  type Store,
  StoreError,
  type StoreEvent,
  type Transaction,
  type TransactionResult,
  type WatchBatch,
  type WatchOptions,
} from "../store.ts";
import { checkRevision, checkTransaction, checkTtl, closedError } from "../validation.ts";
import { type EventHistory, WatchHub } from "../watch-hub.ts";
import { lockStore } from "./lock.ts";
import type { Command, CommandResult } from "./messages.ts";
import { Reader } from "./reader.ts";
import { LOCK_FILE, makeDirectory, SIZE_BYTES_MAX, STORE_FILE } from "./sqlite-files.ts";
import { WriterClient } from "./writer-client.ts";

/** Events kept in memory for watchers that are nearly up to date, as the caches are; others read the file. */
const EVENTS_MAX = 1024;

/** Bytes of values in those events. */
const EVENT_BYTES_MAX = 8 * 1024 * 1024;

/** Wait before the end of a lease is tried again when the medium refused it. */
const LEASE_RETRY_SECONDS = 10;

const EVERYTHING: KeyRange = { start: "", end: prefixEnd("") };

export interface SqliteStoreOptions {
  /** Made when it does not exist, readable for its owner only; belongs to the store alone. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Writes that would make the file larger fail with "Unavailable". */
  readonly sizeBytesMax?: number;
}

/**
 * Fails with "Locked" when the store is open elsewhere, "WrongFormat" when the file is not a store of this version, and
 * "Unavailable" when the medium does not let it.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  try {
    return await openParts(options);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError("Unavailable", `Open store in "${options.directory}"`, { cause });
  }
}

async function openParts(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { directory, log, sizeBytesMax = SIZE_BYTES_MAX } = options;
  await using opened = new AsyncDisposableStack();
  await makeDirectory(directory);
  opened.use(lockStore(join(directory, LOCK_FILE)));
  const path = join(directory, STORE_FILE);
  let store: SqliteStore | undefined;
  const writer = opened.use(
    await WriterClient.start(
      { path, sizeBytesMax },
      {
        onWritten: (revision, events) => store?.onWritten(revision, events),
        onFailed: (error) => log.error("Store cannot be written until it is opened again", { error }),
      },
    ),
  );
  // Closed before the writer, whose connection as the last one then empties the write-ahead log.
  const reader = opened.use(new Reader(path));
  // The last groups are read back by the reader, so it must outlive them.
  opened.defer(() => writer.drain());
  store = new SqliteStore(options, path, writer, reader, opened.move());
  return store;
}

export class SqliteStore implements Store, EventHistory {
  readonly #log: Logger;
  readonly #path: string;
  readonly #writer: WriterClient;
  readonly #reader: Reader;
  readonly #resources: AsyncDisposableStack;
  readonly #events: EventLog<StoreEvent>;
  readonly #hub = new WatchHub(this);
  readonly #leaseTimer: LeaseTimer;
  #isClosed = false;

  constructor(
    { clock, log }: Pick<SqliteStoreOptions, "clock" | "log">,
    path: string,
    writer: WriterClient,
    reader: Reader,
    resources: AsyncDisposableStack,
  ) {
    this.#log = log;
    this.#path = path;
    this.#writer = writer;
    this.#reader = reader;
    this.#resources = resources;
    this.#events = new EventLog(writer.revision, {
      eventsMax: EVENTS_MAX,
      bytesMax: EVENT_BYTES_MAX,
      bytesOf: ({ value }) => value?.byteLength ?? 0,
    });
    this.#leaseTimer = resources.use(new LeaseTimer(clock, (id) => void this.#expireLease(id)));
    for (const { id, ttlSeconds } of writer.leases) this.#leaseTimer.start(id, ttlSeconds);
  }

  get revision(): number {
    return this.#events.revision;
  }

  currentRevision(): number {
    this.#assertOpen();
    return this.#events.revision;
  }

  async range(range: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    this.#assertOpen();
    return this.#reader.range(range, options);
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    const result = await this.#submit({ type: "transact", transaction: checkTransaction(transaction) });
    return expectResult(result, "transacted").result;
  }

  watch(range: KeyRange, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return this.#hub.watch(range, options, signal);
  }

  readAfter(range: KeyRange, afterRevision: number): WatchBatch {
    return (
      this.#events.readAfter(range, afterRevision) ?? this.#reader.eventsAfter(range, afterRevision, this.revision)
    );
  }

  async compact(revision: number): Promise<void> {
    checkRevision(revision);
    await this.#submit({ type: "compact", revision });
    // Without this a watch could still start from what is forgotten, as long as it is in memory.
    this.#events.forgetBefore(revision);
  }

  async grantLease(ttlSeconds: number): Promise<{ readonly id: number; readonly ttlSeconds: number }> {
    checkTtl(ttlSeconds);
    const { id } = expectResult(await this.#submit({ type: "grantLease", ttlSeconds }), "granted");
    if (!this.#isClosed) this.#leaseTimer.start(id, ttlSeconds);
    return { id, ttlSeconds };
  }

  async revokeLease(id: number): Promise<void> {
    await this.#submit({ type: "revokeLease", id });
    this.#leaseTimer.stop(id);
  }

  async sizeBytes(): Promise<number> {
    this.#assertOpen();
    const sizes = await Promise.all([sizeOf(this.#path), sizeOf(`${this.#path}-wal`)]);
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Writes already asked for are finished, watches end with the error "Closed". */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hub.close();
    await this.#resources.disposeAsync();
  }

  /** For the writer: everything up to the revision is on the medium, and these are the events since the last call. */
  onWritten(revision: number, events: readonly StoreEvent[] | undefined): void {
    if (revision === this.#events.revision) return;
    if (events) this.#events.append(events, revision);
    else this.#readBack(revision);
    this.#hub.wake();
  }

  #readBack(revision: number): void {
    try {
      while (this.#events.revision < revision) {
        const batch = this.#reader.eventsAfter(EVERYTHING, this.#events.revision, revision);
        this.#events.append(batch.events, batch.revision);
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // The write itself has succeeded. Watchers will read the file on their own and meet the error there.
      this.#log.error("Reading events back failed", { error, revision });
      this.#events.reset(revision);
    }
  }

  async #submit(command: Command): Promise<Exclude<CommandResult, { readonly type: "refused" }>> {
    this.#assertOpen();
    const result = await this.#writer.submit(command);
    if (result.type === "refused") throw new StoreError(result.code, result.message);
    return result;
  }

  async #expireLease(id: number): Promise<void> {
    try {
      await this.#submit({ type: "revokeLease", id });
    } catch (error) {
      if (this.#isClosed || (error instanceof StoreError && error.code === "LeaseNotFound")) return;
      this.#log.error("Ending an expired lease failed", { error, lease: id });
      this.#leaseTimer.start(id, LEASE_RETRY_SECONDS);
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

function expectResult<T extends CommandResult["type"]>(result: CommandResult, type: T) {
  if (result.type !== type) throw new TypeError(`Writer answered "${result.type}" instead of "${type}"`);
  // The comparison above has decided it; TypeScript does not narrow a union by a type parameter.
  return result as Extract<CommandResult, { readonly type: T }>;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return 0;
      throw new StoreError("Unavailable", `Measure store file "${path}"`, { cause: error });
    },
  );
}
