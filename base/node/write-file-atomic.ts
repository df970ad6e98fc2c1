import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { KeyedMutex } from "./keyed-mutex.ts";

export interface FileOptions {
  /** Default: only the owner reads it. */
  readonly mode?: number;
  /** Default: who writes it. Giving a file away takes root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Two who write one file at a time would write into one temporary file; they take turns, and the last has its way. */
const turns = new KeyedMutex();

/**
 * The file has its old content or all of the new, also after a crash at any point; it is on the disk when this resolves. A
 * private one is never readable by others, not even while it is being written. The directory must be there.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, options: FileOptions = {}): Promise<void> {
  return turns.run(path, () => replaceFile(path, content, options));
}

async function replaceFile(path: string, content: string | Uint8Array, options: FileOptions): Promise<void> {
  const mode = options.mode ?? 0o600;
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, "w", mode);
    // The umask takes from a new file's mode, and a left-over temporary file keeps its own.
    await file.chmod(mode);
    if (options.owner) await file.chown(options.owner.uid, options.owner.gid);
    await file.writeFile(content);
    await file.sync();
  }
  await rename(temporary, path);
  await using directory = await open(dirname(path), "r");
  await directory.sync();
}
