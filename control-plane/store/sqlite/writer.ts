// Applies groups of commands to the file, each group in one SQLite transaction: a group is on the medium as a whole, after
// one sync, or not at all. Lives in its own thread (`writer-thread.ts`), because both the work and the sync block.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type KeyValue, TRANSACTION_OPERATIONS_MAX, type Transaction, type WriteOperation } from "../store.ts";
import { futureError, leaseNotFoundError } from "../validation.ts";
import { isSqliteError } from "./database.ts";
import { type EntryRow, firstEntryId, NO_ENTRY, revisionOf, toKeyValue } from "./entry.ts";
import type { Command, CommandResult, GroupReply, LeaseRow, WriteMark } from "./messages.ts";

/** Entries looked at by one scrub: a few milliseconds, so that writes that wait behind it hardly notice. */
const SCRUB_ENTRIES = 300;

const NO_VALUE = new Uint8Array(0);

interface Meta {
  revision: number;
  compacted: number;
  /** Id of the first entry that no scrub has looked at. */
  scrubbed: number;
}

/** The columns a new entry takes over from the one before. */
type Predecessor = Pick<EntryRow, "id" | "create_revision" | "version">;

export class Writer implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #meta: Meta;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#meta = this.#readMeta();
  }

  get revision(): number {
    return this.#meta.revision;
  }

  /** True while forgotten entries are still in the file. */
  get scrubs(): boolean {
    return this.#meta.scrubbed < firstEntryId(this.#meta.compacted);
  }

  leases(): LeaseRow[] {
    return rows<LeaseRow>(this.#statements.allLeases);
  }

  execute(commands: readonly Command[]): GroupReply {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const before = { ...this.#meta };
      const results = commands.map((command) => this.#executeOne(command));
      if (hasChanged(before, this.#meta)) this.#writeMeta();
      this.#database.exec("COMMIT");
      return { type: "written", results, revision: this.#meta.revision, scrubs: this.scrubs };
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      // SQLite has rolled back by itself after some errors, such as a full medium, and not after others.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#meta = this.#readMeta();
      return { type: "failed", message: error.message };
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #executeOne(command: Command): CommandResult {
    switch (command.type) {
      case "transact":
        return this.#transact(command.transaction);
      case "grantLease":
        return { type: "granted", id: Number(this.#statements.insertLease.run(command.ttlSeconds).lastInsertRowid) };
      case "revokeLease":
        return this.#revokeLease(command.id);
      case "compact":
        return this.#compact(command.revision);
      case "scrub":
        return this.#scrub();
    }
  }

  #transact({ compares, writes }: Transaction): CommandResult {
    const holds = compares.every(({ key, modRevision }) => {
      const live = this.#find(key);
      return (live ? revisionOf(live.id) : 0) === modRevision;
    });
    if (!holds) {
      const current = compares.map(({ key }) => this.#read(key));
      return { type: "transacted", result: { committed: false, revision: this.#meta.revision, current }, marks: [] };
    }
    for (const write of writes) {
      if (write.type === "put" && write.lease && !this.#statements.findLease.get(write.lease)) {
        return refuse(leaseNotFoundError(write.lease));
      }
    }
    const marks = this.#write(writes);
    return { type: "transacted", result: { committed: true, revision: this.#meta.revision }, marks };
  }

  #write(writes: readonly WriteOperation[]): (WriteMark | undefined)[] {
    const revision = this.#meta.revision + 1;
    let id = firstEntryId(revision);
    const marks = writes.map((write) => {
      const predecessor = this.#find(write.key);
      if (write.type === "put") return this.#put(id++, write.key, write.value, write.lease ?? 0, predecessor);
      return predecessor && this.#delete(id++, write.key, predecessor);
    });
    if (id > firstEntryId(revision)) this.#meta.revision = revision;
    return marks;
  }

  #put(id: number, key: string, value: Uint8Array, lease: number, predecessor: Predecessor | undefined): WriteMark {
    const createRevision = predecessor?.create_revision ?? revisionOf(id);
    const version = (predecessor?.version ?? 0) + 1;
    this.#statements.insertEntry.run(id, key, predecessor?.id ?? NO_ENTRY, createRevision, version, lease, value);
    this.#statements.upsertLive.run(key, id, lease);
    return { createRevision, version };
  }

  #delete(id: number, key: string, predecessor: Predecessor): WriteMark {
    const createRevision = predecessor.create_revision;
    this.#statements.insertEntry.run(id, key, predecessor.id, createRevision, 0, 0, NO_VALUE);
    this.#statements.deleteLive.run(key);
    return { createRevision, version: 0 };
  }

  #revokeLease(id: number): CommandResult {
    if (!this.#statements.findLease.get(id)) return refuse(leaseNotFoundError(id));
    const keys = rows<{ readonly key: string }>(this.#statements.keysOfLease, id);
    for (let first = 0; first < keys.length; first += TRANSACTION_OPERATIONS_MAX) {
      const some = keys.slice(first, first + TRANSACTION_OPERATIONS_MAX);
      this.#write(some.map(({ key }) => ({ type: "delete", key })));
    }
    this.#statements.deleteLease.run(id);
    return { type: "done" };
  }

  #compact(revision: number): CommandResult {
    if (revision > this.#meta.revision) return refuse(futureError(revision, this.#meta.revision));
    this.#meta.compacted = Math.max(this.#meta.compacted, revision);
    return { type: "done" };
  }

  /**
   * An entry older than the compacted revision makes its predecessor invisible to every read still allowed, and a
   * deletion makes itself so. Looking at each entry once, in order, finds all of them.
   */
  #scrub(): CommandResult {
    const end = firstEntryId(this.#meta.compacted);
    const entries = rows<Pick<EntryRow, "id" | "previous" | "version">>(
      this.#statements.entriesToScrub,
      this.#meta.scrubbed,
      end,
      SCRUB_ENTRIES,
    );
    for (const { id, previous, version } of entries) {
      if (previous !== NO_ENTRY) this.#statements.deleteEntry.run(previous);
      if (version === 0) this.#statements.deleteEntry.run(id);
    }
    const last = entries.at(-1);
    this.#meta.scrubbed = last && entries.length === SCRUB_ENTRIES ? last.id + 1 : end;
    return { type: "done" };
  }

  #find(key: string): Predecessor | undefined {
    return row<Predecessor>(this.#statements.findLive, key);
  }

  #read(key: string): KeyValue | undefined {
    const entry = row<EntryRow>(this.#statements.readLive, key);
    return entry && toKeyValue(entry);
  }

  #readMeta(): Meta {
    const meta = row<Meta>(this.#statements.readMeta);
    return { revision: meta?.revision ?? 1, compacted: meta?.compacted ?? 0, scrubbed: meta?.scrubbed ?? 0 };
  }

  #writeMeta(): void {
    this.#statements.writeMeta.run(this.#meta.revision, this.#meta.compacted, this.#meta.scrubbed);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    readMeta: database.prepare("SELECT revision, compacted, scrubbed FROM meta"),
    writeMeta: database.prepare("UPDATE meta SET revision = ?, compacted = ?, scrubbed = ?"),
    findLive: database.prepare(
      "SELECT e.id, e.create_revision, e.version FROM live l JOIN entry e ON e.id = l.entry WHERE l.key = ?",
    ),
    readLive: database.prepare("SELECT e.* FROM live l JOIN entry e ON e.id = l.entry WHERE l.key = ?"),
    insertEntry: database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)"),
    deleteEntry: database.prepare("DELETE FROM entry WHERE id = ?"),
    entriesToScrub: database.prepare(
      "SELECT id, previous, version FROM entry WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
    ),
    upsertLive: database.prepare("INSERT OR REPLACE INTO live VALUES (?, ?, ?)"),
    deleteLive: database.prepare("DELETE FROM live WHERE key = ?"),
    allLeases: database.prepare("SELECT id, ttl_seconds AS ttlSeconds FROM lease"),
    findLease: database.prepare("SELECT id FROM lease WHERE id = ?"),
    insertLease: database.prepare("INSERT INTO lease (ttl_seconds) VALUES (?)"),
    deleteLease: database.prepare("DELETE FROM lease WHERE id = ?"),
    // The second condition lets SQLite use the partial index.
    keysOfLease: database.prepare("SELECT key FROM live WHERE lease = ? AND lease != 0 ORDER BY key"),
  };
}

/** The rows have the columns that the statement names, which only its author can know: hence the assertion. */
function rows<Row>(statement: StatementSync, ...values: number[]): Row[] {
  return statement.all(...values) as unknown[] as Row[];
}

/** As `rows`, for the first or only row. */
function row<Row>(statement: StatementSync, ...values: string[]): Row | undefined {
  return statement.get(...values) as unknown as Row | undefined;
}

function hasChanged(before: Meta, after: Meta): boolean {
  return (
    before.revision !== after.revision || before.compacted !== after.compacted || before.scrubbed !== after.scrubbed
  );
}

function refuse({ code, message }: ReturnType<typeof futureError>): CommandResult {
  return { type: "refused", code, message };
}
