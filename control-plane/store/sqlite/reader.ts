// Reads from the file on the store's own thread. A connection for reading sees exactly what is committed, that is durable,
// and waits for nobody; asking the writer's thread would queue every read behind a sync (decision 0010).

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeyRange, KeyValue, RangeOptions, RangeResult, WatchBatch } from "../store.ts";
import { StoreError } from "../store.ts";
import { checkRevision, compactedError, futureError } from "../validation.ts";
import { isSqliteError, openForReading } from "./database.ts";
import { type EntryRow, firstEntryId, revisionOf, toEvent, toKeyValue } from "./entry.ts";

/** Revisions looked at for one page of a watch: bounds the time of a page in which nothing matches. */
const PAGE_REVISIONS = 1000;

/** A page of a watch ends with the revision that passes this; bounds the memory of a watcher's turn. */
const PAGE_BYTES = 4 * 1024 * 1024;

const NO_LIMIT = -1;

interface MetaRow {
  readonly revision: number;
  readonly compacted: number;
}

export class Reader implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(path: string) {
    this.#database = openForReading(path);
    this.#statements = prepareStatements(this.#database);
  }

  range(range: KeyRange, options: RangeOptions): RangeResult {
    return this.#inSnapshot("Read keys", ({ revision: newest, compacted }) => {
      const revision = options.revision ?? newest;
      checkRevision(revision);
      if (revision > newest) throw futureError(revision, newest);
      if (revision < compacted) throw compactedError(revision, compacted);
      const result =
        range.end === undefined
          ? this.#one(range.start, revision, newest, options)
          : this.#many(range.start, range.end, revision, newest, options);
      return { ...result, revision: newest };
    });
  }

  /** The range's events after a revision up to another, whole revisions, as many as make a page. */
  eventsAfter(range: KeyRange, afterRevision: number, newest: number): WatchBatch {
    return this.#inSnapshot("Read events", ({ compacted }) => {
      if (afterRevision + 1 < compacted) throw compactedError(afterRevision + 1, compacted);
      const lastRevision = Math.min(newest, afterRevision + PAGE_REVISIONS);
      const first = firstEntryId(afterRevision + 1);
      const end = firstEntryId(lastRevision + 1);
      const found =
        range.end === undefined
          ? this.#statements.eventsOfKey.iterate(first, end, range.start)
          : this.#statements.events.iterate(first, end, range.start, range.end);
      // The columns are those of the statements below.
      return toPage(found as Iterable<unknown> as Iterable<EntryRow>, lastRevision);
    });
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #one(key: string, revision: number, newest: number, { countOnly }: RangeOptions): Omit<RangeResult, "revision"> {
    const found =
      revision === newest
        ? this.#statements.current.get(key)
        : this.#statements.atRevision.get(key, firstEntryId(revision + 1));
    const entry = found as unknown as EntryRow | undefined;
    if (!entry || entry.version === 0) return { items: [], count: 0, more: false };
    return { items: countOnly ? [] : [toKeyValue(entry)], count: 1, more: false };
  }

  #many(
    start: string,
    end: string,
    revision: number,
    newest: number,
    { limit = 0, countOnly = false }: RangeOptions,
  ): Omit<RangeResult, "revision"> {
    const isCurrent = revision === newest;
    const bounds = isCurrent ? [start, end] : [start, end, firstEntryId(revision + 1)];
    const list = isCurrent ? this.#statements.list : this.#statements.listAtRevision;
    const items = countOnly ? [] : keyValues(list, ...bounds, limit === 0 ? NO_LIMIT : limit);
    if (!countOnly && (limit === 0 || items.length < limit)) return { items, count: items.length, more: false };
    const counted = (isCurrent ? this.#statements.count : this.#statements.countAtRevision).get(...bounds);
    const count = Number(counted?.count);
    return { items, count, more: !countOnly && count > items.length };
  }

  /** Runs several reads on one state of the file; the writer may commit meanwhile. */
  #inSnapshot<T>(attempt: string, read: (meta: MetaRow) => T): T {
    try {
      this.#statements.begin.run();
      try {
        return read(this.#statements.meta.get() as unknown as MetaRow);
      } finally {
        this.#statements.commit.run();
      }
    } catch (cause) {
      if (!isSqliteError(cause)) throw cause;
      throw new StoreError("Unavailable", attempt, { cause });
    }
  }
}

function prepareStatements(database: DatabaseSync) {
  const newestAtRevision = `
    SELECT max(id) AS id FROM entry WHERE key >= ? AND key < ? AND id < ? GROUP BY key`;
  const events = "SELECT * FROM entry WHERE id >= ? AND id < ?";
  return {
    begin: database.prepare("BEGIN"),
    commit: database.prepare("COMMIT"),
    meta: database.prepare("SELECT revision, compacted FROM meta"),
    current: database.prepare("SELECT e.* FROM live l JOIN entry e ON e.id = l.entry WHERE l.key = ?"),
    atRevision: database.prepare("SELECT * FROM entry WHERE key = ? AND id < ? ORDER BY id DESC LIMIT 1"),
    list: database.prepare(
      "SELECT e.* FROM live l JOIN entry e ON e.id = l.entry WHERE l.key >= ? AND l.key < ? ORDER BY l.key LIMIT ?",
    ),
    count: database.prepare("SELECT count(*) AS count FROM live WHERE key >= ? AND key < ?"),
    listAtRevision: database.prepare(
      `SELECT e.* FROM (${newestAtRevision}) n JOIN entry e ON e.id = n.id WHERE e.version > 0 ORDER BY e.key LIMIT ?`,
    ),
    countAtRevision: database.prepare(
      `SELECT count(*) AS count FROM (${newestAtRevision}) n JOIN entry e ON e.id = n.id WHERE e.version > 0`,
    ),
    // The plus keeps SQLite from walking the index of keys: events are wanted in the order of their ids.
    events: database.prepare(`${events} AND +key >= ? AND +key < ? ORDER BY id`),
    eventsOfKey: database.prepare(`${events} AND +key = ? ORDER BY id`),
  };
}

/** The rows have the columns of `entry`, which the statements select as a whole. */
function keyValues(statement: StatementSync, ...values: (string | number)[]): KeyValue[] {
  return (statement.all(...values) as unknown[] as EntryRow[]).map(toKeyValue);
}

/** Cuts the page at the first whole revision that passes its bytes. */
function toPage(found: Iterable<EntryRow>, lastRevision: number): WatchBatch {
  const events: WatchBatch["events"][number][] = [];
  let bytes = 0;
  for (const row of found) {
    const previous = events.at(-1);
    if (bytes > PAGE_BYTES && previous && previous.revision !== revisionOf(row.id)) {
      return { events, revision: previous.revision };
    }
    events.push(toEvent(row));
    bytes += row.value.byteLength;
  }
  return { events, revision: lastRevision };
}
