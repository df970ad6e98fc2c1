// The two static programs of the guest, built by cargo from exactly the locked crates.

import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { OnProgress } from "./progress.ts";
import { run } from "./run.ts";

const TARGET = "x86_64-unknown-linux-gnu";
const PROGRAMS = ["agent", "image"] as const;

export interface GuestProgramsOptions {
  readonly cacheDirectory: string;
  readonly checkout: string;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** The directory with `agent` and `image`. */
export async function ensureGuestPrograms(options: GuestProgramsOptions): Promise<string> {
  const finished = join(options.cacheDirectory, "guest-programs", options.key);
  if (PROGRAMS.every((program) => existsSync(join(finished, program)))) return finished;
  const targetDirectory = join(options.cacheDirectory, "cargo-target");
  options.onProgress("guest programs", undefined, "compiling");
  let compiled = 0;
  const packages = PROGRAMS.flatMap((program) => ["--package", program]);
  await run("cargo", ["build", "--release", "--locked", `--jobs=${availableParallelism()}`, ...packages], {
    signal: options.signal,
    workingDirectory: join(options.checkout, "guest"),
    environment: { CARGO_TARGET_DIR: targetDirectory, CARGO_TERM_COLOR: "never" },
    onLine: (line) => {
      const crate = /^\s+Compiling (\S+)/.exec(line)?.[1];
      if (crate === undefined) return;
      compiled += 1;
      options.onProgress("guest programs", undefined, `crate ${compiled}: ${crate}`);
    },
  });
  const partial = `${finished}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  for (const program of PROGRAMS)
    await copyFile(join(targetDirectory, TARGET, "release", program), join(partial, program));
  await rm(finished, { recursive: true, force: true });
  await rename(partial, finished);
  return finished;
}
