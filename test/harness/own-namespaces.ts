// Runs a program as root in network, mount and process namespaces made for it, with state and run directories of its own, for
// tests and benchmarks that bring up a Supervisor: one that runs on this machine is not touched, and no process, device, rule or
// mount is left when the namespaces end.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// sysfs shows the network of the namespace that mounted it; the cgroup tree below it is brought along.
const SET_UP = `
set -eu
mkdir "$ATOLL_E2E_RUN_DIR/cgroup"
mount --rbind /sys/fs/cgroup "$ATOLL_E2E_RUN_DIR/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$ATOLL_E2E_RUN_DIR/cgroup" /sys/fs/cgroup
umount --recursive --lazy "$ATOLL_E2E_RUN_DIR/cgroup"
rmdir "$ATOLL_E2E_RUN_DIR/cgroup"
ip link set lo up
# Not exec: the shell is the first process here, and reaps those whose parents have gone.
"$@"
`;

const checkout = fileURLToPath(new URL("../..", import.meta.url));

export interface OwnNamespacesOptions {
  readonly cacheDirectory: string;
  /** Leaves the state directory in place, to look at logs. */
  readonly keepState: boolean;
}

/** Returns the program's exit code; its output is shown as it comes. */
export function runInOwnNamespaces(command: readonly string[], options: OwnNamespacesOptions): number {
  mkdirSync("/var/tmp", { recursive: true });
  const state = mkdtempSync("/var/tmp/atoll-e2e-");
  // Sockets have at most 108 characters of path, so the run directory is short.
  const run = mkdtempSync("/run/atoll-e2e-");
  // Unprivileged programs must get through to what is theirs below.
  for (const directory of [state, run]) chmodSync(directory, 0o711);
  const environment = {
    ATOLL_E2E_STATE_DIR: join(state, "state"),
    ATOLL_E2E_RUN_DIR: run,
    ATOLL_E2E_CACHE_DIR: options.cacheDirectory,
  };
  try {
    const own = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
    const unshare = [...own, "sh", "-c", SET_UP, "sh", ...command];
    const env = { ...process.env, ...environment };
    return spawnSync("unshare", unshare, { cwd: checkout, stdio: "inherit", env }).status ?? 1;
  } finally {
    rmSync(run, { recursive: true, force: true });
    if (options.keepState) console.log(`state kept in ${state}`);
    else rmSync(state, { recursive: true, force: true });
  }
}
