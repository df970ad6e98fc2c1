// All that a commit needs, in the order of what fails fastest: `npm run ok`. CI runs the same.

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./source-files.ts";

const STEPS: readonly (readonly [name: string, ...command: string[]])[] = [
  ["generate", process.execPath, "tools/generate.ts"],
  ["format", "node_modules/.bin/biome", "format", "."],
  ["lint", "node_modules/.bin/biome", "lint", "."],
  ["types", "node_modules/.bin/tsc", "-b"],
  ["fences", process.execPath, "tools/check-imports.ts"],
  ["tidy", process.execPath, "tools/tidy.ts"],
  ["pages", process.execPath, "tools/check-pages.ts"],
  ["unit", process.execPath, "tools/run-unit-tests.ts"],
];

const root = repositoryRoot();
mkdirSync(join(root, ".build"), { recursive: true });
const failed: string[] = [];
for (const [name, command = "", ...args] of STEPS) {
  const started = Date.now();
  console.log(`── ${name}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) failed.push(name);
  console.log(`── ${name}: ${status === 0 ? "ok" : "FAILED"} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
console.log(failed.length === 0 ? "ok" : `not ok: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
