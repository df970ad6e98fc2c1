// The microVMs' kernel from Debian's source package, built once per source version, configuration and compiler.

import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { OnProgress } from "./progress.ts";
import { run } from "./run.ts";
import { isInstalled, KERNEL_SOURCE_ARCHIVE, KERNEL_SOURCE_PACKAGE } from "./software.ts";

/** Lines of "CC" and "AS" of a whole build; only the progress bar depends on it. */
const COMPILED_FILES_EXPECTED = 980;

/** The same bytes wherever and whenever it is built; also what ccache needs to find anything. */
const REPRODUCIBLE = {
  KBUILD_BUILD_TIMESTAMP: "2026-01-01",
  KBUILD_BUILD_USER: "atoll",
  KBUILD_BUILD_HOST: "atoll",
  CCACHE_NOHASHDIR: "1",
};

export interface KernelOptions {
  readonly cacheDirectory: string;
  readonly configPath: string;
  /** Names the result; see `keyOf`. */
  readonly key: string;
  /** The source package's version. */
  readonly sourceVersion: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** The path of the stripped vmlinux. Only one call at a time per cache directory: see `lockFile`. */
export async function ensureKernel(options: KernelOptions): Promise<string> {
  const finished = join(options.cacheDirectory, "kernels", options.key);
  const kernel = join(finished, "vmlinux");
  if (existsSync(kernel)) return kernel;
  const workDirectory = join(options.cacheDirectory, "kernel-build");
  await removeLeftovers(workDirectory);
  const source = await unpackSource(workDirectory, options);
  const output = join(workDirectory, `out-${process.pid}`);
  try {
    await compile(source, output, options);
    const partial = `${finished}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await run("strip", ["-o", join(partial, "vmlinux"), join(output, "vmlinux")], options);
    await rm(finished, { recursive: true, force: true });
    await rename(partial, finished);
  } finally {
    await rm(output, { recursive: true, force: true });
  }
  // A gigabyte that unpacks again in half a minute; the compiler's cache is what is worth keeping.
  await rm(source, { recursive: true, force: true });
  return kernel;
}

async function unpackSource(workDirectory: string, options: KernelOptions): Promise<string> {
  // The same path each time: the compiler's cache knows files by it.
  const source = join(workDirectory, KERNEL_SOURCE_PACKAGE);
  const unpacked = join(workDirectory, `unpack-${process.pid}`);
  options.onProgress("kernel", undefined, `unpacking the source ${options.sourceVersion}`);
  await rm(source, { recursive: true, force: true });
  await mkdir(unpacked, { recursive: true });
  await run("tar", ["--extract", "--file", KERNEL_SOURCE_ARCHIVE, "--directory", unpacked], options);
  await rename(join(unpacked, KERNEL_SOURCE_PACKAGE), source);
  await rm(unpacked, { recursive: true, force: true });
  return source;
}

async function compile(source: string, output: string, options: KernelOptions): Promise<void> {
  const compiler = isInstalled("ccache") ? "ccache gcc" : "gcc";
  const make = (target: string, extra: readonly string[], onLine?: (line: string) => void) =>
    run("make", [`O=${output}`, `CC=${compiler}`, ...extra, target], {
      signal: options.signal,
      workingDirectory: source,
      environment: { ...REPRODUCIBLE, CCACHE_DIR: join(options.cacheDirectory, "ccache") },
      ...(onLine === undefined ? {} : { onLine }),
    });
  await mkdir(output, { recursive: true });
  options.onProgress("kernel", 0, "configuring");
  await make("allnoconfig", [`KCONFIG_ALLCONFIG=${options.configPath}`]);
  let compiled = 0;
  await make("vmlinux", [`-j${availableParallelism()}`], (line) => {
    if (!/^\s+(CC|AS)\s/.test(line)) return;
    compiled += 1;
    const fraction = Math.min(compiled / COMPILED_FILES_EXPECTED, 0.99);
    options.onProgress("kernel", fraction, `${compiled} of about ${COMPILED_FILES_EXPECTED} files compiled`);
  });
}

/** Of builds that were killed: only one runs at a time, so whatever is there is nobody's. */
async function removeLeftovers(workDirectory: string): Promise<void> {
  await mkdir(workDirectory, { recursive: true });
  for (const name of await readdir(workDirectory)) {
    if (/^(out|unpack)-\d+$/.test(name)) await rm(join(workDirectory, name), { recursive: true, force: true });
  }
}
