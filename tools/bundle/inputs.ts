// What a bundle is made from, as hashes and versions: equal inputs, equal bundle, no new build.

import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tryRun } from "./run.ts";
import { KERNEL_SOURCE_PACKAGE } from "./software.ts";

/** The kernel's name for itself ends so; see CONFIG_LOCALVERSION in guest/kernel/crx.config. */
const KERNEL_LOCAL_VERSION = "-crx";

/** Hexadecimal characters of a hash in a version or a directory's name. */
const KEY_LENGTH = 12;

const GUEST_SOURCES = [
  "guest/Cargo.toml",
  "guest/Cargo.lock",
  "guest/.cargo/config.toml",
  "guest/*/Cargo.toml",
  "guest/*/build.rs",
  "guest/*/src/**/*",
  "api/guest-agent/*.proto",
];

/** Read from the checkout: known everywhere. */
export interface SourceInputs {
  readonly kernelConfig: string;
  readonly guestSources: string;
  readonly systemDiskRecipe: string;
}

/** Of this machine; undefined where the program is not installed. */
export interface ToolInputs {
  readonly kernelSource: string | undefined;
  readonly gcc: string | undefined;
  readonly rustc: string | undefined;
}

export async function readSourceInputs(checkout: string): Promise<SourceInputs> {
  return {
    kernelConfig: await hashFiles(checkout, ["guest/kernel/crx.config"]),
    guestSources: await hashFiles(checkout, GUEST_SOURCES),
    systemDiskRecipe: await hashFiles(checkout, ["guest/rootfs/make-system-disk.sh"]),
  };
}

export async function readToolInputs(signal: AbortSignal): Promise<ToolInputs> {
  const [packageStatus, gcc, rustc] = await Promise.all([
    tryRun("dpkg-query", ["--status", KERNEL_SOURCE_PACKAGE], signal),
    tryRun("gcc", ["--version"], signal),
    tryRun("rustc", ["--version"], signal),
  ]);
  const firstLine = (text: string | undefined) => text?.split("\n")[0]?.trim() || undefined;
  return {
    kernelSource: /^Version: (.+)$/m.exec(packageStatus ?? "")?.[1],
    gcc: firstLine(gcc),
    rustc: firstLine(rustc),
  };
}

/** "6.12.117-crx" from Debian's "6.12.117-1~deb12u1". */
export function kernelRelease(kernelSource: string): string {
  return `${kernelSource.split("-")[0]}${KERNEL_LOCAL_VERSION}`;
}

/** A short name for a set of inputs, for directories and versions. */
export function keyOf(inputs: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(inputs).sort()) hash.update(`${name}=${inputs[name]}\n`);
  return hash.digest("hex").slice(0, KEY_LENGTH);
}

async function hashFiles(checkout: string, patterns: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  const found = patterns.flatMap((pattern) => globSync(pattern, { cwd: checkout, withFileTypes: true }));
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...new Set(files)].sort()) {
    const content = await readFile(file);
    hash.update(`${file.slice(checkout.length)} ${content.length}\n`).update(content);
  }
  if (files.length === 0 || !existsSync(checkout)) throw new Error(`No sources below "${checkout}"`);
  return hash.digest("hex");
}
