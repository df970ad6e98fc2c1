import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export function repositoryRoot(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "..");
}

/** Files git knows or would take, with one of the endings, as paths from the root. */
export function sourceFiles(endings: readonly string[]): string[] {
  const root = repositoryRoot();
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const names = listed.split("\0").filter((name) => endings.some((ending) => name.endsWith(ending)));
  return [...new Set(names)].filter((name) => existsSync(join(root, name))).sort();
}
