// Holds the pages for people to what is there: one title each, links that lead somewhere, and no table that says other than the
// code it is about.
//
//   node tools/check-pages.ts          prints each breach and exits 1 when there is one
//   node tools/check-pages.ts --draw   puts the table of the fences into ARCHITECTURE.md

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type Breach, report } from "./breach.ts";
import { fenceRows } from "./fences.ts";
import { repositoryRoot, sourceFiles } from "./source-files.ts";

const root = repositoryRoot();

/** A page has one title, and its relative links lead somewhere. */
function checkPage(file: string, text: string): Breach[] {
  const breaches: Breach[] = [];
  const prose = text.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, " "));
  const titles = prose.split("\n").filter((line) => line.startsWith("# "));
  if (titles.length !== 1)
    breaches.push({ file, line: 1, rule: "title", message: `has ${titles.length} titles, not one` });
  for (const match of prose.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)) {
    const target = normalize(join(dirname(file), match[1] ?? ""));
    if (!existsSync(join(root, target))) {
      const line = prose.slice(0, match.index).split("\n").length;
      breaches.push({ file, line, rule: "link", message: `leads to ${target}, which does not exist` });
    }
  }
  return breaches;
}

/** What stands between these two lines of ARCHITECTURE.md is drawn from `fences.ts`. */
const FENCES_PAGE = "ARCHITECTURE.md";
const FENCES_START = "<!-- fences: drawn by tools/check-pages.ts -->";
const FENCES_END = "<!-- end of fences -->";

interface Section {
  readonly before: string;
  readonly drawn: string;
  readonly after: string;
}

function fencesSection(text: string): Section | undefined {
  const start = text.indexOf(FENCES_START);
  const end = text.indexOf(FENCES_END, start);
  if (start < 0 || end < 0) return undefined;
  const from = start + FENCES_START.length;
  return { before: text.slice(0, from), drawn: text.slice(from, end), after: text.slice(end) };
}

/** The cells of a table, however the formatter lays it out. */
function cellsOf(table: string): string[][] {
  return table
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function checkFencesTable(text: string): Breach[] {
  const section = fencesSection(text);
  if (section && JSON.stringify(cellsOf(section.drawn)) === JSON.stringify(fenceRows())) return [];
  const line = text.slice(0, Math.max(0, text.indexOf(FENCES_START))).split("\n").length;
  const message = 'is not the table of tools/fences.ts: run "node tools/check-pages.ts --draw"';
  return [{ file: FENCES_PAGE, line, rule: "fences", message }];
}

function drawFencesTable(): void {
  const text = readFileSync(join(root, FENCES_PAGE), "utf8");
  const section = fencesSection(text);
  if (!section) throw new Error(`${FENCES_PAGE} has no lines "${FENCES_START}" and "${FENCES_END}"`);
  const rows = fenceRows();
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [rows[0] ?? [], widths.map((width) => "-".repeat(width)), ...rows.slice(1)].map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  writeFileSync(join(root, FENCES_PAGE), `${section.before}\n\n${lines.join("\n")}\n\n${section.after}`);
}

/** Every row of SPECIFICATION.md names files or npm scripts that exist, or says that nothing holds it yet. */
function checkSpecification(file: string, text: string): Breach[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const breaches: Breach[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [cells] = cellsOf(line);
    if (!cells || cells[0] === "promise") continue;
    const holders = [...(cells[2] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
    const problem = (message: string) => breaches.push({ file, line: index + 1, rule: "held-by", message });
    if (holders.length === 0 && !cells[2]?.includes("none yet")) {
      problem('name the test that holds the promise, or say "none yet"');
    }
    for (const holder of holders) {
      const script = /^npm run (\S+)$/.exec(holder)?.[1];
      if (script !== undefined ? !(script in scripts) : !existsSync(join(root, holder))) {
        problem(`names "${holder}", which does not exist`);
      }
    }
  }
  return breaches;
}

if (process.argv.includes("--draw")) {
  drawFencesTable();
} else {
  const pages = sourceFiles([".md"]);
  const breaches = pages.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return [
      ...checkPage(file, text),
      ...(file === FENCES_PAGE ? checkFencesTable(text) : []),
      ...(file === "SPECIFICATION.md" ? checkSpecification(file, text) : []),
    ];
  });
  report("pages", pages.length, breaches);
}
