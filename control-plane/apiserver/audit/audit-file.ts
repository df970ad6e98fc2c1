// The audit log: one event a line, in a file that is put aside when it is full. Events wait in memory for the disk, up to a
// limit; what does not fit is counted, for a log that stops the server would be a way to stop it.

import { open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { type AuditSink, WAITING_MAX } from "./audit-sink.ts";

const DAY_MS = 86_400_000;

export interface AuditFileOptions {
  readonly path: string;
  readonly sizeBytesMax: number;
  /** 0: files put aside are kept whatever their age. */
  readonly ageDaysMax: number;
  /** 0: all of them are kept. */
  readonly backupsMax: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export class AuditFile implements AuditSink, AsyncDisposable {
  readonly plugin = "log";
  readonly #options: AuditFileOptions;
  #waiting: string[] = [];
  #waitingLength = 0;
  #writing: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #sizeBytes = 0;
  #written = 0;
  #dropped = 0;

  constructor(options: AuditFileOptions) {
    this.#options = options;
  }

  get counts() {
    return { written: this.#written, dropped: this.#dropped };
  }

  write(event: string): void {
    const line = `${event}\n`;
    if (this.#waitingLength + line.length > WAITING_MAX) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything that was written is in the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingLength = 0;
      try {
        await this.#append(lines);
        this.#written += lines.length;
      } catch (error) {
        this.#dropped += lines.length;
        this.#options.log.error("Audit events could not be written", { count: lines.length, error });
      }
    }
    this.#writing = undefined;
  }

  async #append(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(lines.join(""));
    if (!this.#file) await this.#open();
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#options.sizeBytesMax) await this.#rotate();
    await this.#file?.appendFile(bytes);
    this.#sizeBytes += bytes.length;
  }

  async #open(): Promise<void> {
    // Whoever may read what everybody did may read secrets, too.
    this.#file = await open(this.#options.path, "a", 0o600);
    this.#sizeBytes = (await this.#file.stat()).size;
  }

  async #rotate(): Promise<void> {
    const { path, clock } = this.#options;
    await this.#file?.close();
    this.#file = undefined;
    const time = new Date(clock.now()).toISOString().replaceAll(":", "-").slice(0, 23);
    const extension = extname(path);
    await rename(path, `${path.slice(0, path.length - extension.length)}-${time}${extension}`);
    await this.#open();
    await this.#removeOld();
  }

  async #removeOld(): Promise<void> {
    const { path, ageDaysMax, backupsMax, clock } = this.#options;
    const directory = dirname(path);
    const extension = extname(path);
    const prefix = `${basename(path, extension)}-`;
    const names = (await readdir(directory)).filter((name) => name.startsWith(prefix) && name.endsWith(extension));
    // The time in the name sorts them.
    for (const [index, name] of names.sort().reverse().entries()) {
      const backup = join(directory, name);
      const isTooMany = backupsMax > 0 && index >= backupsMax;
      const ageMs = clock.now() - (await stat(backup)).mtimeMs;
      if (isTooMany || (ageDaysMax > 0 && ageMs > ageDaysMax * DAY_MS)) await rm(backup, { force: true });
    }
  }
}
