import { chmodSync, chownSync, mkdirSync } from "node:fs";
import type { UserIds } from "./users.ts";

/** Makes a directory with exactly this owner (absent: root) and mode, whether or not it was there. */
export function ensureDirectory(path: string, options: { readonly mode: number; readonly owner?: UserIds }): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, options.mode);
  chownSync(path, options.owner?.uid ?? 0, options.owner?.gid ?? 0);
}
