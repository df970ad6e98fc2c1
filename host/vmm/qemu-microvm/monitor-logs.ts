// What monitors complain about, one file for each, in a small file system of memory made for it: whatever a monitor that a guest
// took over writes there, it fills nothing else. One that has written much is cut, so that there is room for the others.

import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "@atoll/base/node/run-command";

/** Of all monitors of a host. A full one refuses what monitors write, which they do not mind. */
const ALL_LOGS_BYTES_MAX = 8_388_608;
/** Of one, looked at whenever another microVM starts; QEMU itself writes a few lines in its life. */
const LOG_BYTES_MAX = 65_536;

/** Needs root. */
export async function mountLogs(directory: string, signal: AbortSignal): Promise<void> {
  const options = `size=${ALL_LOGS_BYTES_MAX},mode=0700,nosuid,nodev,noexec`;
  await runCommand("mount", ["-t", "tmpfs", "-o", options, "atoll-logs", directory], { signal });
}

export async function cutLogs(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    try {
      if ((await stat(path)).size > LOG_BYTES_MAX) await truncate(path);
    } catch (error) {
      // Its microVM went meanwhile.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
}
