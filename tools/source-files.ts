import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export function repositoryRoot(): string {
  return join(fileURLToPath(import.meta.url), "../..");
}

/** What is made, not written: the folders of `.gitignore`, and git's own. */
const MADE_FOLDERS = new Set([".git", ".build", "node_modules", "target", "api/generated"]);

/**
 * The files of the house with one of the endings, as sorted paths from the root. Walks the folders instead of asking git, so that
 * the checks run in an archive of the sources too, and in a checkout whose owner git does not trust.
 */
export function sourceFiles(endings: readonly string[]): string[] {
  const root = repositoryRoot();
  const files: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (MADE_FOLDERS.has(entry.name) || MADE_FOLDERS.has(path)) continue;
      if (entry.isDirectory()) walk(path);
      else if (endings.some((ending) => path.endsWith(ending))) files.push(path);
    }
  };
  walk("");
  return files.sort();
}
