import { readFileSync } from "node:fs";

export interface ImportStatement {
  readonly specifier: string;
  readonly line: number;
}

// Static imports and re-exports (types included), dynamic imports and workers by URL. Comments that look like code are
// rare enough here that a parser is not worth its weight; one inside a string would be reported and can be reworded.
const IMPORT =
  /^\s*(?:import|export)\b[^'"`;]*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|new URL\(\s*["'](\.[^"']+\.ts)["']/gm;

/** What a TypeScript file imports. */
export function importsOf(path: string): ImportStatement[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(IMPORT)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? match[4] ?? "",
    line: text.slice(0, match.index).split("\n").length + (/^\s*\n/.exec(match[0])?.[0].split("\n").length ?? 1) - 1,
  }));
}
