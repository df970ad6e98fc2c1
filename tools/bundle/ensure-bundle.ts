// The guest bundle of this checkout: found in the cache, or built. A build may be killed at any point; the next one goes on
// from what was finished, and nothing half done is ever visible under a final name.

import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureGuestPrograms } from "./guest-programs.ts";
import { kernelRelease, keyOf, readSourceInputs, readToolInputs } from "./inputs.ts";
import { ensureKernel } from "./kernel.ts";
import { lockFile } from "./lock.ts";
import type { OnProgress } from "./progress.ts";
import { run } from "./run.ts";
import { findMissingSoftware, type MissingSoftware } from "./software.ts";
import { findBundle, storeBundle, type StoredBundle } from "./store.ts";

export const DEFAULT_CACHE_DIRECTORY = "/var/cache/atoll";

const CHECKOUT = resolve(import.meta.dirname, "../..");

/** Something has to be installed before a bundle can be built; `missing` says what and how. */
export class MissingSoftwareError extends Error {
  readonly missing: readonly MissingSoftware[];

  constructor(missing: readonly MissingSoftware[]) {
    const list = missing.map(({ what, why, remedy }) => `  ${what}: ${why}; ${remedy}`);
    super(`Software is missing to build the guest bundle:\n${list.join("\n")}`);
    this.name = "MissingSoftwareError";
    this.missing = missing;
  }
}

export interface EnsureBundleOptions {
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** The version the bundle of this checkout has, or will have. Fails where neither a bundle nor the compilers are there. */
export async function bundleVersion(cacheDirectory: string, signal: AbortSignal): Promise<string> {
  const { version, stored, missingTools } = await look(cacheDirectory, signal);
  if (stored !== undefined) return stored.manifest.version;
  if (version === undefined)
    throw new Error(`The bundle's version depends on what is not installed: ${missingTools.join(", ")}`);
  return version;
}

/** The bundle of this checkout if it is in the cache. */
export async function findBuiltBundle(cacheDirectory: string, signal: AbortSignal): Promise<StoredBundle | undefined> {
  return (await look(cacheDirectory, signal)).stored;
}

/** The bundle of this checkout, built if it is not there. A second caller waits for the first. */
export async function ensureBundle(options: EnsureBundleOptions): Promise<StoredBundle> {
  const { cacheDirectory, signal, onProgress } = options;
  const before = await look(cacheDirectory, signal);
  if (before.stored !== undefined) return before.stored;
  const missing = await findMissingSoftware(signal);
  if (missing.length > 0) throw new MissingSoftwareError(missing);
  await mkdir(cacheDirectory, { recursive: true });
  await using _lock = await lockFile(join(cacheDirectory, "build.lock"), {
    signal,
    onWait: () => onProgress("waiting", undefined, "another build is running in the same cache directory"),
  });
  const { stored, sources, tools, version } = await look(cacheDirectory, signal);
  if (stored !== undefined) return stored;
  const { kernelSource, gcc, rustc } = tools;
  if (kernelSource === undefined || gcc === undefined || rustc === undefined || version === undefined) {
    throw new Error("Asking the installed compilers for their versions failed");
  }
  await removeLeftovers(cacheDirectory);
  const programs = await ensureGuestPrograms({
    ...options,
    checkout: CHECKOUT,
    key: keyOf({ guestSources: sources.guestSources, rustc }),
  });
  if ((await readSourceInputs(CHECKOUT)).guestSources !== sources.guestSources) {
    await rm(programs, { recursive: true, force: true });
    throw new Error("The guest's sources changed while they were compiled; build again");
  }
  const kernel = await ensureKernel({
    ...options,
    configPath: join(CHECKOUT, "guest/kernel/crx.config"),
    key: keyOf({ kernelSource, kernelConfig: sources.kernelConfig, gcc }),
    sourceVersion: kernelSource,
  });
  onProgress("system disks", undefined, "making");
  const scratch = await mkdtemp(join(tmpdir(), "atoll-bundle-"));
  try {
    const podSystemDisk = join(scratch, "pod.erofs");
    const imageSystemDisk = join(scratch, "image.erofs");
    const recipe = join(CHECKOUT, "guest/rootfs/make-system-disk.sh");
    await run("sh", [recipe, join(programs, "agent"), podSystemDisk], { signal });
    await run("sh", [recipe, join(programs, "image"), imageSystemDisk], { signal });
    return await storeBundle(cacheDirectory, {
      formatVersion: 1,
      version,
      kernelRelease: kernelRelease(kernelSource),
      files: { kernel, podSystemDisk, imageSystemDisk },
      inputs: { ...sources, kernelSource, gcc, rustc },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function look(cacheDirectory: string, signal: AbortSignal) {
  const [sources, tools] = await Promise.all([readSourceInputs(CHECKOUT), readToolInputs(signal)]);
  const stored = await findBundle(cacheDirectory, { ...sources }, { ...tools });
  const { kernelSource, gcc, rustc } = tools;
  const missingTools = Object.entries(tools).flatMap(([name, value]) => (value === undefined ? [name] : []));
  const version =
    kernelSource === undefined || gcc === undefined || rustc === undefined
      ? undefined
      : `${kernelRelease(kernelSource)}-${keyOf({ ...sources, kernelSource, gcc, rustc })}`;
  return { sources, tools, stored, version, missingTools };
}

/** Of builds that were killed while they put a bundle together. Called under the lock. */
async function removeLeftovers(cacheDirectory: string): Promise<void> {
  const parent = join(cacheDirectory, "bundles");
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    if (/^\.(partial|old)-/.test(name)) await rm(join(parent, name), { recursive: true, force: true });
  }
}
