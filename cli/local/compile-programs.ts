// Node strips and compiles the programs' TypeScript before they start for the first time: a program that has to do that itself
// starts slowly and keeps Node's reader of TypeScript in memory for as long as it runs (decision 0262). Each program does it as
// its own user, for nobody else may write to its cache.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "@atoll/base/node/run-command";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import type { Step } from "../output/steps.ts";
import type { World } from "../world.ts";
import type { LocalSupervisor } from "./local-supervisor.ts";

/** What the programs are made of. */
const SOURCE_FOLDERS = ["bin", "base", "api", "machinery", "control-plane", "host"];
/** Some seconds on a machine that does nothing else. */
const TIMEOUT_MS = 120_000;

/** Skipped where it was done for the same programs and sources. */
export function compileStep({ signal }: World, supervisor: LocalSupervisor): Step {
  const { compiledFile, roots } = supervisor.layout;
  const compilers = supervisor.compilers();
  const mark = () =>
    compilationMark(
      roots.programDirectory,
      compilers.map(({ name }) => name),
    );
  return {
    title: "Programs compiled",
    skip: async () =>
      existsSync(compiledFile) && readFileSync(compiledFile, "utf8") === mark() ? "done before" : undefined,
    run: async (say) => {
      const marked = mark();
      for (const compiler of compilers) {
        say(compiler.name);
        const [program = "", ...args] = supervisor.services.commandOf(compiler);
        await runCommand(program, args, { signal, timeoutMs: TIMEOUT_MS });
      }
      await writeFileAtomic(compiledFile, marked, { mode: 0o644 });
    },
  };
}

/** Differs when a source has changed, Node has, or a program was added. */
export function compilationMark(programDirectory: string, programs: readonly string[]): string {
  let [count, newestMs] = [0, 0];
  for (const folder of SOURCE_FOLDERS) {
    for (const entry of readdirSync(join(programDirectory, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
      count++;
      newestMs = Math.max(newestMs, statSync(join(entry.parentPath, entry.name)).mtimeMs);
    }
  }
  return `${JSON.stringify({ node: process.version, programs, count, newestMs })}\n`;
}
