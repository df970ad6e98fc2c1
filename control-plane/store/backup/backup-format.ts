// A backup as one stream of bytes, the same for all makers: a line that says what it is, then every key with its value, then
// a line with a checksum of everything before. What was cut off or changed on the way is refused before anything is done.
//
//   {"format":"atoll-backup","version":1,"revision":4711,"createdAt":"2026-01-01T00:00:00Z","store":"sqlite"}
//   {"key":"/registry/pods/default/a","bytes":612}
//   <612 bytes>
//   {"keys":1,"sha256":"…"}

import { createHash } from "node:crypto";
import { CodedError } from "@atoll/base/errors";
import { z } from "zod";
import { KEY_BYTES_MAX, type KeyValue, VALUE_BYTES_MAX } from "../store.ts";

export const BACKUP_VERSION = 1;

/** A line holds a key, which JSON may write six times as long. */
const LINE_BYTES_MAX = 6 * KEY_BYTES_MAX + 1024;

const LINE_FEED = 0x0a;

export class BackupError extends CodedError<"NotABackup" | "Damaged"> {}

const header = z.strictObject({
  format: z.literal("atoll-backup"),
  version: z.literal(BACKUP_VERSION),
  /** Of the state that is in it. */
  revision: z.int().min(1),
  createdAt: z.string(),
  /** The maker it comes from; it goes into any. */
  store: z.enum(["sqlite", "etcd", "memory"]),
});
export type BackupHeader = z.infer<typeof header>;

const record = z.strictObject({
  key: z.string().min(1),
  bytes: z.int().min(0).max(VALUE_BYTES_MAX),
  /** The key goes by itself some time after it is written. */
  leased: z.literal(true).optional(),
});

const trailer = z.strictObject({ keys: z.int().min(0), sha256: z.string() });

export interface BackupEntry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly leased: boolean;
}

/** The keys of one revision, in their order. */
export async function* encodeBackup(
  about: BackupHeader,
  entries: AsyncIterable<Pick<KeyValue, "key" | "value" | "lease">>,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash("sha256");
  const hashed = (bytes: Uint8Array) => {
    hash.update(bytes);
    return bytes;
  };
  yield hashed(lineOf(about));
  let keys = 0;
  for await (const { key, value, lease } of entries) {
    const line = lineOf({ key, bytes: value.length, ...(lease !== 0 && { leased: true }) });
    yield hashed(Buffer.concat([line, value, Buffer.of(LINE_FEED)]));
    keys += 1;
  }
  yield lineOf({ keys, sha256: hash.digest("hex") });
}

export interface OpenBackup {
  readonly header: BackupHeader;
  /** To be read once. The last step throws "Damaged" when the checksum is not that of what was read. */
  readonly entries: AsyncGenerator<BackupEntry, void>;
}

/** Throws BackupError. */
export async function openBackup(chunks: AsyncIterable<Uint8Array>): Promise<OpenBackup> {
  const input = new ByteReader(chunks);
  const hash = createHash("sha256");
  const first = await input.line();
  const parsed = header.safeParse(parseLine(first));
  if (!first || !parsed.success)
    throw new BackupError("NotABackup", "Read backup: the file does not start as a backup");
  hash.update(first);
  return { header: parsed.data, entries: decodeEntries(input, hash) };
}

async function* decodeEntries(
  input: ByteReader,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<BackupEntry, void> {
  for (let keys = 0; ; keys++) {
    const line = await input.line();
    if (!line) throw new BackupError("Damaged", `Read backup: it ends after ${keys} keys, before its checksum`);
    const value = parseLine(line);
    const end = trailer.safeParse(value);
    if (end.success) {
      if (end.data.keys === keys && end.data.sha256 === hash.digest("hex")) return;
      throw new BackupError("Damaged", "Read backup: its checksum is not that of its content");
    }
    const entry = record.safeParse(value);
    const bytes = entry.success ? await input.take(entry.data.bytes + 1) : undefined;
    if (!entry.success || !bytes) throw new BackupError("Damaged", `Read backup: what follows key ${keys} is no key`);
    hash.update(line).update(bytes);
    yield { key: entry.data.key, value: bytes.subarray(0, -1), leased: entry.data.leased === true };
  }
}

/** Lines and counted bytes out of chunks that end anywhere. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** With its line feed; undefined at the end, or when there is none within the limit. */
  async line(): Promise<Buffer | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf(LINE_FEED);
      if (end >= 0) return this.take(end + 1);
      if (this.#buffer.length > LINE_BYTES_MAX || !(await this.#more())) return undefined;
    }
  }

  /** Exactly so many; undefined when there are less. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#buffer.length < count) if (!(await this.#more())) return undefined;
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#buffer = Buffer.concat([this.#buffer, value]);
    return true;
  }
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function parseLine(line: Buffer | undefined): unknown {
  try {
    return line && JSON.parse(line.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
