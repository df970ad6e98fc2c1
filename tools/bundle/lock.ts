// One build at a time in a cache directory. The lock is a file lock held by a small process that lives on a pipe from this one,
// so that the kernel releases it however this process ends.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** After so long somebody is told that another build is being waited for. */
const PATIENCE_MS = 500;

export async function lockFile(
  path: string,
  options: { readonly signal: AbortSignal; readonly onWait: () => void },
): Promise<AsyncDisposable> {
  const holder = spawn("flock", [path, "sh", "-c", "echo locked; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const failed = new Promise<never>((_, reject) => {
    holder.once("error", reject);
    holder.once("exit", (code) => reject(new Error(`"flock ${path}" ended with ${code}`)));
  });
  // Whoever awaits the lock sees it; once the lock is held, the holder's end is the release.
  failed.catch(() => {});
  const patience = setTimeout(options.onWait, PATIENCE_MS);
  try {
    await Promise.race([once(holder.stdout, "data", { signal: options.signal }), failed]);
  } catch (error) {
    holder.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(patience);
  }
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      if (holder.exitCode === null && holder.signalCode === null) await once(holder, "exit");
    },
  };
}
