// Runs the end-to-end tests on a Supervisor of their own, on real microVMs, as root. Everything happens in network and mount
// namespaces made here, with directories of its own, so a Supervisor that runs on this machine is not touched, and nothing is
// left when the namespaces end.
//
//   node tools/run-end-to-end-tests.ts [--cache DIR] [--keep] [name part ...]

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot, sourceFiles } from "./source-files.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cache: { type: "string", default: "/var/cache/atoll" },
    /** Keeps the state directory, to look at logs. */
    keep: { type: "boolean", default: false },
  },
});

const root = repositoryRoot();
const tests = sourceFiles([".e2e.ts"]).filter(
  (file) => positionals.length === 0 || positionals.some((part) => file.includes(part)),
);
// First what a new user does; last what must leave nothing behind.
const order = (file: string) => (file.endsWith("/demo.e2e.ts") ? 0 : file.endsWith("/down.e2e.ts") ? 2 : 1);
tests.sort((a, b) => order(a) - order(b));
if (tests.length === 0) {
  console.error(`No end-to-end test matches ${positionals.join(" ")}`);
  process.exit(2);
}

mkdirSync("/var/tmp", { recursive: true });
const state = mkdtempSync("/var/tmp/atoll-e2e-");
// Sockets have at most 108 characters of path, so the run directory is short.
const run = mkdtempSync("/run/atoll-e2e-");
// Unprivileged programs must get through to what is theirs below.
for (const directory of [state, run]) chmodSync(directory, 0o711);

// sysfs shows the network of the namespace that mounted it; the cgroup tree below it is brought along.
const inNamespaces = `
set -eu
mkdir "$ATOLL_E2E_RUN_DIR/cgroup"
mount --rbind /sys/fs/cgroup "$ATOLL_E2E_RUN_DIR/cgroup"
mount -t sysfs sysfs /sys
mount --move "$ATOLL_E2E_RUN_DIR/cgroup" /sys/fs/cgroup || mount --rbind "$ATOLL_E2E_RUN_DIR/cgroup" /sys/fs/cgroup
ip link set lo up
exec "$@"
`;
const node = [process.execPath, "--test", "--test-concurrency=1", "--test-timeout=900000", ...tests];
console.log(`end-to-end: ${tests.length} files, state in ${state}`);
const result = spawnSync(
  "unshare",
  ["--net", "--mount", "--propagation", "private", "sh", "-c", inNamespaces, "sh", ...node],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ATOLL_E2E_STATE_DIR: join(state, "state"),
      ATOLL_E2E_RUN_DIR: run,
      ATOLL_E2E_CACHE_DIR: values.cache,
    },
  },
);
rmSync(run, { recursive: true, force: true });
if (values.keep) console.log(`end-to-end: state kept in ${state}`);
else rmSync(state, { recursive: true, force: true });
process.exit(result.status ?? 1);
