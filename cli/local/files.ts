import { chmodSync, chownSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { UserIds } from "./users.ts";

/** Writes a file so that a reader, and a crash, sees the old content or the new one. */
export function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode: number; readonly owner?: UserIds },
): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", options.mode);
  try {
    writeSync(file, content as string); // writeSync's overloads do not take the union that it accepts
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(temporary, options.mode);
  if (options.owner) chownSync(temporary, options.owner.uid, options.owner.gid);
  renameSync(temporary, path);
}

/** Makes a directory with exactly this owner and mode, whether or not it was there. */
export function ensureDirectory(path: string, options: { readonly mode: number; readonly owner?: UserIds }): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, options.mode);
  chownSync(path, options.owner?.uid ?? 0, options.owner?.gid ?? 0);
}
