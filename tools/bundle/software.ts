// What a build needs to be installed, and which of it is not. The command line installs it before; pre-flight names it.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tryRun } from "./run.ts";

/** The first Rust whose 2024 edition has let chains, which the guest's crates use. */
export const RUST_MINOR_MIN = 88;

export const KERNEL_SOURCE_PACKAGE = "linux-source-6.12";
export const KERNEL_SOURCE_ARCHIVE = `/usr/src/${KERNEL_SOURCE_PACKAGE}.tar.xz`;

export interface MissingSoftware {
  readonly what: string;
  readonly why: string;
  /** Debian's packages that bring it. */
  readonly packages: readonly string[];
  readonly remedy: string;
}

/** A program or a file, and the Debian package that has it. */
const REQUIREMENTS: readonly { readonly what: string; readonly package: string; readonly why: string }[] = [
  { what: KERNEL_SOURCE_ARCHIVE, package: KERNEL_SOURCE_PACKAGE, why: "the kernel's source" },
  { what: "gcc", package: "gcc", why: "compiles the kernel" },
  { what: "make", package: "make", why: "compiles the kernel" },
  { what: "flex", package: "flex", why: "compiles the kernel" },
  { what: "bison", package: "bison", why: "compiles the kernel" },
  { what: "bc", package: "bc", why: "compiles the kernel" },
  { what: "/usr/include/libelf.h", package: "libelf-dev", why: "compiles the kernel" },
  { what: "strip", package: "binutils", why: "strips the kernel" },
  { what: "xz", package: "xz-utils", why: "unpacks the kernel's source" },
  { what: "mkfs.erofs", package: "erofs-utils", why: "makes the system disks" },
  { what: "flock", package: "util-linux", why: "keeps two builds apart" },
];

export function isInstalled(what: string): boolean {
  if (what.startsWith("/")) return existsSync(what);
  return [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"].some((directory) =>
    existsSync(join(directory, what)),
  );
}

export async function findMissingSoftware(signal: AbortSignal): Promise<readonly MissingSoftware[]> {
  const missing = REQUIREMENTS.filter(({ what }) => !isInstalled(what)).map(
    ({ what, why, package: name }): MissingSoftware => ({
      what,
      why,
      packages: [name],
      remedy: `apt-get install --no-install-recommends ${name}`,
    }),
  );
  const rust = await findMissingRust(signal);
  return rust === undefined ? missing : [...missing, rust];
}

async function findMissingRust(signal: AbortSignal): Promise<MissingSoftware | undefined> {
  const found = await tryRun("cargo", ["--version"], signal);
  const minor = Number(/^cargo 1\.(\d+)\./.exec(found ?? "")?.[1] ?? 0);
  if (minor >= RUST_MINOR_MIN) return undefined;
  const what = `cargo 1.${RUST_MINOR_MIN} or newer`;
  const why = `compiles the guest agent (${found ?? "there is no cargo"})`;
  // Debian 12 keeps a newer compiler for its browsers, under names of its own.
  for (const packages of [
    ["cargo", "rustc"],
    ["cargo-web", "rustc-web"],
  ]) {
    const policy = await tryRun("apt-cache", ["policy", packages[0] ?? ""], signal);
    const candidate = Number(/Candidate: 1\.(\d+)\./.exec(policy ?? "")?.[1] ?? 0);
    if (candidate >= RUST_MINOR_MIN) return { what, why, packages, remedy: `apt-get install ${packages.join(" ")}` };
  }
  return {
    what,
    why,
    packages: [],
    remedy: `install Rust 1.${RUST_MINOR_MIN} or newer with rustup, or import a finished bundle`,
  };
}
