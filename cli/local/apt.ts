// apt-get, run without questions. It waits for whoever else is installing, as unattended upgrades do on a machine just started.

import { runCommand } from "@atoll/base/node/run-command";

/** Installing QEMU over a slow mirror is the longest of them. */
const APT_TIMEOUT_MS = 900_000;
const LOCK_TIMEOUT_SECONDS = 300;

export interface AptOptions {
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

async function apt(args: readonly string[], options: AptOptions): Promise<void> {
  const command = [
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-q",
    "-o",
    `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`,
  ];
  try {
    await runCommand("env", [...command, ...args], { ...options, timeoutMs: APT_TIMEOUT_MS });
  } catch (cause) {
    options.signal.throwIfAborted();
    throw new Error(`"apt-get ${args[0]}" did not succeed`, { cause });
  }
}

export async function updatePackageLists(options: AptOptions): Promise<void> {
  await apt(["update"], options);
}

export async function installDebianPackages(names: readonly string[], options: AptOptions): Promise<void> {
  await apt(["install", "-y", "--no-install-recommends", ...names], options);
}
