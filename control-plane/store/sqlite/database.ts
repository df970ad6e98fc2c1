// The store's file: its format, how it is opened, and what is refused. Only the writer's thread opens it for writing.

import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../store.ts";

/** "ATOL": marks the file as ours, so that nobody's other database is taken for a store. */
const APPLICATION_ID = 0x41544f4c;

/** Raised with every change of the tables; a store of another version is refused, never guessed at. */
export const FORMAT_VERSION = 1;

/** SQLite's own default, named because the limit of the file's size is counted in pages. */
const PAGE_BYTES = 4096;

/** The write-ahead log is cut back to this after a checkpoint, should a burst have made it longer. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;

/** Page cache of each connection. The kernel's cache stands behind it, so more would keep pages twice. */
const CACHE_KIBIBYTES = 16 * 1024;

/**
 * `entry` is the history in order, `live` leads from each existing key to its newest entry. Keys are compared as bytes
 * (SQLite's BINARY), which for UTF-8 is the order of the store. The value stands last, so that reading what is before it
 * does not touch the pages a long value spills to.
 */
const TABLES = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    compacted INTEGER NOT NULL,
    scrubbed INTEGER NOT NULL
  );
  INSERT INTO meta VALUES (1, 1, 0, 0);
  CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    previous INTEGER NOT NULL,
    create_revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    lease INTEGER NOT NULL,
    value BLOB NOT NULL
  );
  CREATE INDEX entry_by_key ON entry (key);
  CREATE TABLE live (key TEXT PRIMARY KEY, entry INTEGER NOT NULL, lease INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX live_by_lease ON live (lease) WHERE lease != 0;
  CREATE TABLE lease (id INTEGER PRIMARY KEY AUTOINCREMENT, ttl_seconds INTEGER NOT NULL);
`;

export function openForWriting(path: string, sizeBytesMax: number): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    const isEmpty = checkFormat(database, path);
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${CACHE_KIBIBYTES};
      PRAGMA journal_size_limit = ${LOG_BYTES_MAX};
      PRAGMA max_page_count = ${Math.floor(sizeBytesMax / PAGE_BYTES)};
    `);
    if (isEmpty) createTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Reads see what is committed and nothing else; they never wait for the writer, nor it for them. */
export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`);
  return database;
}

/** True when the file is new. */
function checkFormat(database: DatabaseSync, path: string): boolean {
  let applicationId: unknown;
  try {
    applicationId = database.prepare("PRAGMA application_id").get()?.application_id;
  } catch (cause) {
    if (!isSqliteError(cause) || cause.errcode !== SQLITE_NOTADB) throw cause;
    throw new StoreError("WrongFormat", `Open store "${path}": the file is not a database`, { cause });
  }
  const version = database.prepare("PRAGMA user_version").get()?.user_version;
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
  if (applicationId === 0 && version === 0 && tables === 0) return true;
  if (applicationId !== APPLICATION_ID) {
    throw new StoreError("WrongFormat", `Open store "${path}": the database belongs to another program`);
  }
  if (version !== FORMAT_VERSION) {
    throw new StoreError(
      "WrongFormat",
      `Open store "${path}": it has format version ${version}, this program reads version ${FORMAT_VERSION}`,
    );
  }
  return false;
}

function createTables(database: DatabaseSync): void {
  database.exec(`
    BEGIN IMMEDIATE;
    ${TABLES}
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${FORMAT_VERSION};
    COMMIT;
  `);
}

/** SQLite's result codes that we tell apart, see https://www.sqlite.org/rescode.html. */
export const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

export interface SqliteError extends Error {
  readonly errcode: number;
}

/** True for what SQLite says about the medium or the file; anything else thrown is a mistake in this program. */
export function isSqliteError(thrown: unknown): thrown is SqliteError {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_SQLITE_ERROR" && "errcode" in thrown;
}
