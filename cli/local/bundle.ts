// The guest bundle, by the tool that builds it, run as a program of its own: the command line only shows its progress.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "@atoll/base/node/run-command";
import type { LocalRoots } from "./layout.ts";

/** A cold kernel build takes 7 to 12 minutes on two cores; nothing that takes four times as long will end well. */
const BUILD_TIMEOUT_MS = 2_700_000;

function buildBundle(
  roots: LocalRoots,
  args: readonly string[],
  options: { signal: AbortSignal; onLine?: (line: string) => void },
) {
  const tool = join(roots.programDirectory, "tools/build-bundle.ts");
  return runCommand(process.execPath, [tool, "--cache", roots.cacheDirectory, ...args], {
    ...options,
    timeoutMs: BUILD_TIMEOUT_MS,
    workingDirectory: roots.programDirectory,
  });
}

/** Where the bundle of this checkout is, or will be once it is built. */
export async function bundleDirectory(roots: LocalRoots, signal: AbortSignal): Promise<string> {
  const version = (await buildBundle(roots, ["--print-version"], { signal })).trim();
  return join(roots.cacheDirectory, "bundles", version);
}

export async function isBundleBuilt(roots: LocalRoots, signal: AbortSignal): Promise<boolean> {
  // Without a compiler the version cannot be told; then there is certainly something to do.
  const directory = await bundleDirectory(roots, signal).catch(() => undefined);
  return directory !== undefined && existsSync(join(directory, "manifest.json"));
}

/** Builds what is missing; quick when nothing is. Returns the bundle's directory. */
export async function ensureBundle(
  roots: LocalRoots,
  options: { readonly signal: AbortSignal; readonly onLine: (line: string) => void },
): Promise<string> {
  await buildBundle(roots, [], options);
  return bundleDirectory(roots, options.signal);
}
