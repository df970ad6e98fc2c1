// Holds the fences of the house (`fences.ts`): no file imports what its folder may not, no files import each other in a loop, and
// each package's package.json and tsconfig.json agree with the table. Prints each breach and exits 1 when there is one.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type Breach, report } from "./breach.ts";
import { FENCES } from "./fences.ts";
import { importsOf } from "./imports.ts";
import { repositoryRoot, sourceFiles } from "./source-files.ts";

/** Folders that must run in a browser too: nothing of Node, and not `base/node`. Tests are free. */
const BROWSER_FOLDERS = ["base", "api", "machinery"];

/** The one place each where a browser folder may meet Node. */
const NODE_FOLDERS = ["base/node", "machinery/client/node-transport.ts"];

const root = repositoryRoot();

function fenceOf(file: string): string | undefined {
  return Object.keys(FENCES)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** The file inside the repository that `specifier` names when imported from `file`, or undefined for a stranger. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return relative(root, resolve(root, dirname(file), specifier));
  const own = /^@atoll\/([^/]+)\/(.+)$/.exec(specifier);
  if (!own) return undefined;
  const [, folder = "", path = ""] = own;
  return `${folder}/${path}.ts`;
}

function isTest(file: string): boolean {
  return /\.(root-)?test\.ts$|-suite\.ts$/.test(file);
}

function checkFence(file: string, target: string): string | undefined {
  const fence = fenceOf(file);
  if (fence === undefined) return `no fence names this folder: add it to the table in tools/fences.ts`;
  const allowed = [fence, ...(FENCES[fence] ?? [])];
  if (allowed.some((folder) => target.startsWith(`${folder}/`))) return undefined;
  return `${fence} may not import ${target} (allowed: ${allowed.join(", ")}); meet through the API or move the shared part down`;
}

function checkBrowser(file: string, specifier: string, target: string | undefined): string | undefined {
  const folder = BROWSER_FOLDERS.find((name) => file.startsWith(`${name}/`));
  if (!folder || isTest(file) || NODE_FOLDERS.some((path) => file.startsWith(path))) return undefined;
  if (specifier.startsWith("node:")) return `${folder} runs in a browser too; put what needs Node into base/node`;
  if (target?.startsWith("base/node/")) return `${folder} may not import base/node`;
  return undefined;
}

/** Every loop of files, each reported once, at its first file in the order of the alphabet. */
function findLoops(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const loops: string[][] = [];
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const visit = (file: string) => {
    state.set(file, "open");
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === "open") loops.push([...path.slice(path.indexOf(next)), next]);
      else if (!state.has(next)) visit(next);
    }
    path.pop();
    state.set(file, "done");
  };
  for (const file of [...graph.keys()].sort()) if (!state.has(file)) visit(file);
  return loops;
}

/** package.json and tsconfig.json of each package must name exactly the neighbours that the table allows it. */
function checkPackages(): Breach[] {
  const breaches: Breach[] = [];
  const folders = new Set(Object.keys(FENCES).map((folder) => folder.split("/")[0] ?? folder));
  for (const folder of folders) {
    const allowed = new Set(
      Object.entries(FENCES)
        .filter(([name]) => name === folder || name.startsWith(`${folder}/`))
        .flatMap(([, targets]) => targets.map((target) => target.split("/")[0] ?? target)),
    );
    allowed.delete(folder);
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    const neighbours = dependencies.filter((name) => name.startsWith("@atoll/")).map((name) => name.slice(7));
    const config = JSON.parse(readFileSync(join(root, folder, "tsconfig.json"), "utf8"));
    const references = (config.references as { path: string }[]).map((reference) => reference.path.replace("../", ""));
    for (const [file, named] of [
      ["package.json", neighbours],
      ["tsconfig.json", references],
    ] as const) {
      const extra = named.filter((name) => !allowed.has(name));
      if (extra.length > 0) {
        breaches.push({
          file: `${folder}/${file}`,
          line: 1,
          rule: "fence",
          message: `names ${extra.join(", ")}, which the table in tools/fences.ts does not allow`,
        });
      }
    }
  }
  return breaches;
}

function checkFiles(): { readonly breaches: Breach[]; readonly files: number } {
  const breaches: Breach[] = [];
  const graph = new Map<string, string[]>();
  const files = sourceFiles([".ts"]).filter((file) => !file.startsWith("api/generated/"));
  for (const file of files) {
    const targets: string[] = [];
    for (const { specifier, line } of importsOf(join(root, file))) {
      const target = targetOf(file, specifier);
      const problems = [checkBrowser(file, specifier, target)];
      if (target !== undefined) {
        problems.push(checkFence(file, target));
        if (existsSync(join(root, target))) targets.push(target);
      }
      for (const message of problems) if (message) breaches.push({ file, line, rule: "fence", message });
    }
    graph.set(file, targets);
  }
  for (const loop of findLoops(graph)) {
    breaches.push({ file: loop[0] ?? "", line: 1, rule: "loop", message: `imports itself: ${loop.join(" → ")}` });
  }
  return { breaches, files: files.length };
}

const { breaches, files } = checkFiles();
// A checker that found next to nothing to check has lost its way, and must not pass.
if (files < 40)
  breaches.push({ file: "tools/check-imports.ts", line: 1, rule: "fence", message: `saw only ${files} files` });
report("fences", files, [...breaches, ...checkPackages()]);
