// The checks of what must be installed, with how it gets there.

import { existsSync } from "node:fs";
import { runCommand } from "@atoll/base/node/run-command";
import { type DebianPackage, missingPackages } from "../local/debian-packages.ts";
import type { Check } from "./check.ts";

/** The agent's sources use language features from this version on. */
const CARGO_MINOR_MIN = 88;

export function packagesCheck(packages: readonly DebianPackage[]): Check {
  return {
    name: "packages",
    async run() {
      const missing = missingPackages(packages);
      if (missing.length === 0) return { status: "passed", detail: `all ${packages.length} there` };
      const names = missing.map((wanted) => wanted.name).join(" ");
      if (existsSync("/usr/bin/apt-get")) return { status: "passed", detail: `will be installed by apt-get: ${names}` };
      const reasons = missing.map((wanted) => `${wanted.name} (${wanted.why})`).join(", ");
      return {
        status: "failed",
        cause: `missing: ${reasons}`,
        remedy: "install them with your system's package manager",
      };
    },
  };
}

/** Where the Rust compiler comes from, in the order of preference. */
export type CargoSource =
  | { readonly kind: "installed"; readonly version: string }
  | { readonly kind: "debian"; readonly packages: readonly string[] }
  | { readonly kind: "none"; readonly found: string };

export async function findCargo(signal: AbortSignal): Promise<CargoSource> {
  const version = await cargoVersion(signal);
  const minor = Number(/^1\.(\d+)\./.exec(version)?.[1] ?? 0);
  if (minor >= CARGO_MINOR_MIN) return { kind: "installed", version };
  // Debian 12 keeps a newer compiler for its browsers under names of its own; from Debian 13 on the plain one is new enough.
  for (const packages of [
    ["cargo", "rustc"],
    ["cargo-web", "rustc-web"],
  ]) {
    const policy = await runCommand("apt-cache", ["policy", packages[0] ?? ""], { signal }).catch(() => "");
    const candidate = Number(/Candidate: 1\.(\d+)\./.exec(policy)?.[1] ?? 0);
    if (candidate >= CARGO_MINOR_MIN) return { kind: "debian", packages };
  }
  return { kind: "none", found: version === "" ? "no cargo" : `cargo ${version}` };
}

async function cargoVersion(signal: AbortSignal): Promise<string> {
  const output = await runCommand("cargo", ["--version"], { signal }).catch(() => "");
  return /^cargo (\S+)/.exec(output)?.[1] ?? "";
}

/** Needed only to build a bundle; a machine that was given one does without. */
export function cargoCheck(isBundleThere: () => Promise<boolean>): Check {
  return {
    name: "rust",
    async run(signal) {
      if (await isBundleThere()) return { status: "passed", detail: "not needed, the guest bundle is built" };
      const cargo = await findCargo(signal);
      if (cargo.kind === "installed") return { status: "passed", detail: `cargo ${cargo.version}` };
      if (cargo.kind === "debian") {
        return { status: "passed", detail: `will be installed by apt-get: ${cargo.packages.join(" ")}` };
      }
      return {
        status: "failed",
        cause: `${cargo.found}, and the package lists name none from 1.${CARGO_MINOR_MIN} on`,
        remedy: 'run "apt-get update", or install Rust 1.88 or newer with rustup, or import a finished bundle',
      };
    },
  };
}
